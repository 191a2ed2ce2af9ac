"""The look of the report's page: the colours of the course's figures, light and dark."""

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #fcfcfa; --text: #1d2126; --quiet: #5a626c; --line: #d3d6da; --link: #00588f;
  --raised: #f1f2f0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #16191d; --text: #e7e9ec; --quiet: #a5adb7; --line: #3a4048; --link: #6cb6ea;
    --raised: #1f2429;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem 1.25rem 4rem; max-width: 62rem; background: var(--ground);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.6rem; line-height: 1.2; margin: 1rem 0 0.25rem; }
h2 { font-size: 1.25rem; margin: 0 0 0.75rem; }
section { border-top: 1px solid var(--line); margin-top: 2rem; padding-top: 1.25rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.quiet { color: var(--quiet); margin: 0; }
.numbers { display: flex; flex-wrap: wrap; gap: 0.75rem 2rem; margin: 1.25rem 0; }
.numbers div { display: flex; flex-direction: column-reverse; }
.numbers dt { color: var(--quiet); }
.numbers dd { margin: 0; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; padding: 0; }
figure { margin: 0 0 0.5rem; }
figcaption { font-weight: 600; margin-bottom: 0.5rem; }
svg { display: block; width: 100%; max-width: 35rem; height: auto; }
summary { cursor: pointer; padding: 0.3rem 0; }
.scroll { overflow-x: auto; margin: 0.25rem 0 1rem; }
table { border-collapse: collapse; font-size: 0.9rem; min-width: 100%; }
caption { text-align: left; font-weight: 600; padding-bottom: 0.4rem; }
th, td {
  text-align: left; vertical-align: top; padding: 0.35rem 0.9rem 0.35rem 0;
  border-bottom: 1px solid var(--line); white-space: pre-line; overflow-wrap: break-word;
  min-width: 7rem; max-width: 26rem;
}
.wide { min-width: 14rem; }
thead th { color: var(--quiet); font-weight: 600; }
tbody th { font-weight: 500; }
.number { min-width: 0; text-align: right; font-variant-numeric: tabular-nums; }
code { background: var(--raised); padding: 0.1em 0.3em; border-radius: 3px; }
.unseen {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
@media print { details > * { display: revert; } .scroll { overflow: visible; } }
"""
