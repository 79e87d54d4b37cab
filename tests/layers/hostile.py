"""Texts that an attribute of an imported file may hold, each of which runs somewhere if it is let."""

__all__ = ["MARK", "PAYLOADS"]

MARK = "hacked"
_RUN = f"window.{MARK}=1"

PAYLOADS = (
    f"<img src=x onerror={_RUN}>",
    f'"><svg onload="{_RUN}">',
    f"</script><script>{_RUN}</script>",
    f"${{{_RUN}}}",
    f"`+({_RUN})+`",
    f"';{_RUN};'",
    f'";{_RUN};"',
    f"\\';{_RUN};//",
    f"<!--<script>{_RUN}//",
    f"\u2028{_RUN}//",
    "{{ 191 * 353 }}",
    "{{ cycler.__init__.__globals__.os.mkdir('hacked') }}",
    "{% for n in range(3) %}{{ n }}{% endfor %}",
    "{% raw %}",
    "{# never closed",
    "甲“乙”\\n\n丙&amp;丁",
)
"""The second last ones stop or change a template that takes them for its own; the last is only awkward."""
