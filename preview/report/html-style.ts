/** How the page looks: on a phone and on a desk, in the dark and in the light, on paper, without a font or picture from elsewhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --text: #1f2328; --quiet: #57606a; --page: #ffffff; --card: #f6f8fa; --line: #d0d7de; --link: #0550ae;
  --red: #a40e26; --red-back: #ffebe9; --green: #0a5d24; --green-back: #dafbe1; --amber: #7d4e00; --amber-back: #fff8c5;
  --open: #1a7f37; --calm: #bf8700; --none: #e6eaef; --round: #6639ba;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6edf3; --quiet: #9aa4af; --page: #0d1117; --card: #161b22; --line: #363d47; --link: #79c0ff;
    --red: #ffa198; --red-back: #3a1216; --green: #7ee787; --green-back: #0f2d18; --amber: #f2cc60; --amber-back: #332600;
    --open: #3fb950; --calm: #d29922; --none: #262c36; --round: #c297ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin: 0 0 .5rem; } h2 { font-size: 1.25rem; margin: 0; } h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
h4 { font-size: 1rem; margin: 1rem 0 .25rem; }
a { color: var(--link); } p { margin: .5rem 0; } ul { margin: .25rem 0; padding-left: 1.25rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
section.stack { border-top: 3px solid var(--line); margin-top: 2rem; padding-top: 1rem; }
.quiet { color: var(--quiet); } .status { font-weight: 600; }
.danger, .mandatory { background: var(--red-back); border-left: .3rem solid var(--red); padding: .5rem 1rem; margin: .75rem 0; }
.danger strong, .mandatory strong { color: var(--red); }
.finding { border-left: .3rem solid var(--line); padding: .25rem 1rem; margin: .5rem 0; }
.advisory strong { color: var(--amber); }
dl.words { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .25rem 1rem; margin: .5rem 0; }
dl.words dt { font-weight: 600; } dl.words dd { margin: 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
th.number, td.number { text-align: right; white-space: nowrap; }
table.week { table-layout: fixed; } table.week th, table.week td { border: 0; padding: .1rem .3rem; vertical-align: middle; }
table.week .day { width: 3.2rem; font-weight: 400; } table.week .hours { width: 15rem; font-size: .875rem; }
table.week svg { display: block; width: 100%; height: 1.35rem; background: var(--none); border-radius: 2px; }
table.week thead th { font-weight: 400; font-size: .75rem; color: var(--quiet); }
.axis { display: flex; } .axis span { flex: 1; }
.open { fill: var(--open); } .lead, .between, .drain { fill: var(--calm); } .mark { fill: var(--round); } .grid { fill: var(--page); opacity: .55; }
.hole { fill: var(--page); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; font-size: .875rem; }
.legend svg { width: 1.6rem; height: .9rem; vertical-align: -.1rem; background: var(--none); }
details { border: 1px solid var(--line); border-radius: 4px; margin: .35rem 0; background: var(--card); }
summary { padding: .45rem .75rem; cursor: pointer; } details > div { padding: 0 .75rem .6rem; }
.step { display: inline-block; min-width: 5.2rem; font-weight: 600; }
.replace, .delete { color: var(--red); } .create { color: var(--green); } .update { color: var(--amber); }
.diff { font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; }
.diff > * { display: block; white-space: pre-wrap; text-decoration: none; padding: 0 .4rem; }
ins { background: var(--green-back); color: var(--green); } del { background: var(--red-back); color: var(--red); }
pre { white-space: pre-wrap; background: var(--card); padding: .75rem; border-radius: 4px; }
footer { border-top: 1px solid var(--line); margin-top: 2.5rem; padding-top: .5rem; font-size: .875rem; }
@media (max-width: 40rem) {
  dl.words { grid-template-columns: 1fr; gap: 0; } dl.words dd { margin: 0 0 .35rem 0; }
  table.week, table.week caption, table.week thead, table.week tbody { display: block; }
  table.week tr { display: grid; grid-template-columns: 2.8rem 1fr; }
  table.week .day, table.week .hours { width: auto; } table.week .hours { grid-column: 2; padding-bottom: .35rem; }
  table.week thead .hours, table.cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table.cards, table.cards caption, table.cards tbody, table.cards tr, table.cards tbody th { display: block; }
  table.cards tr { padding: .4rem 0; border-bottom: 1px solid var(--line); } table.cards th, table.cards td { border: 0; padding: .05rem 0; }
  table.cards td { display: grid; grid-template-columns: 9.5rem minmax(0, 1fr); } table.cards td.number { text-align: left; white-space: normal; }
  table.cards td::before { content: attr(data-title); color: var(--quiet); } table.cards td > * { grid-column: 2; } table.cards td:empty { display: none; }
}
@media print { details > div { display: block; } }
`;
