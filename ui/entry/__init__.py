"""The script that Streamlit runs; alone in its folder, since a sibling ``pages`` has a meaning to Streamlit."""
