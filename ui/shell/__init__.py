"""Behind the shell's door: how it speaks, and the steps that its commands take. Knows no Streamlit."""
