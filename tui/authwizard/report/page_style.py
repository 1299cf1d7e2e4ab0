"""How the HTML report looks: system fonts, light and dark, no colour without a word beside it, readable in print."""

STYLE = """
:root { color-scheme: light dark; --line: #8884; --bad: #b3261e; --good: #146c2e; --care: #8a5300; --dim: #666; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #7ddc8f; --care: #ffcc80; --dim: #aaa; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 1.5rem 0 .25rem; } h3 { font-size: 1rem; margin: 1rem 0 0; }
header { border-left: .4rem solid var(--dim); padding: .25rem 1rem; margin: 1rem 0; }
header.cause { border-color: var(--bad); } header.healthy { border-color: var(--good); }
header.cannot_tell, header.not_reproduced, header.could_not_look { border-color: var(--care); }
.summary { font-size: 1.1rem; margin: .25rem 0 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; } dt { color: var(--dim); } dd { margin: 0; }
.line { margin: 0 0 0 1rem; } section > p { margin: .25rem 0; }
dd, li, p, td, summary { overflow-wrap: anywhere; } ul { margin: .25rem 0; padding-left: 1.25rem; }
details { border-top: 1px solid var(--line); padding: .4rem 0; } summary { cursor: pointer; }
.status { font: 600 .8rem ui-monospace, monospace; display: inline-block; min-width: 6.5rem; }
.pass { color: var(--good); } .fail, .crashed { color: var(--bad); } .warn, .blocked { color: var(--care); } .skip { color: var(--dim); }
pre { background: #8881; border: 1px solid var(--line); padding: .5rem; white-space: pre-wrap; overflow-wrap: anywhere; }
pre, code { font: .85rem/1.4 ui-monospace, monospace; } .sources { color: var(--dim); font-size: .8rem; margin: .25rem 0; }
table { border-collapse: collapse; margin: .5rem 0; } th, td { border: 1px solid var(--line); padding: .2rem .5rem; text-align: left; }
caption { text-align: left; color: var(--dim); } footer { color: var(--dim); border-top: 1px solid var(--line); margin-top: 2rem; }
@media print { details > * { display: block; } body { max-width: none; } }
""".strip()
