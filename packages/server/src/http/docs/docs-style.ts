/** The style sheet of the documentation, for light and dark. */
export const DOCS_STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#ffffff, #12151a);
  --side: light-dark(#f6f7f9, #171b21);
  --line: light-dark(#e3e6eb, #2a303a);
  --text: light-dark(#1d2430, #dfe4ec);
  --soft: light-dark(#5b6575, #97a1b2);
  --link: light-dark(#0b62c4, #74b3ff);
  --code: light-dark(#f0f2f5, #1f252e);
  --block: light-dark(#f6f8fa, #0c0f13);
  --get: light-dark(#0b62c4, #74b3ff);
  --post: light-dark(#167a3c, #6fd694);
  --bad: light-dark(#b3341f, #ff9d8a);
  --key: light-dark(#7a3e9d, #cfa5ee);
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1.5rem; }
body {
  margin: 0;
  display: grid;
  grid-template-columns: 16rem minmax(0, 1fr);
  background: var(--page);
  color: var(--text);
  font: 0.9375rem/1.6 system-ui, sans-serif;
}
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
code, pre { font: 0.8125rem/1.6 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
p code, dd code, td code, h4 code { background: var(--code); border-radius: 4px; padding: 0.1em 0.35em; }
p { margin: 0 0 0.5rem; }

nav {
  position: sticky;
  top: 0;
  height: 100vh;
  overflow-y: auto;
  padding: 1.5rem 1rem;
  background: var(--side);
  border-right: 1px solid var(--line);
}
nav .brand { font-weight: 700; font-size: 1.0625rem; color: var(--text); padding: 0 0.5rem; }
nav h2 {
  margin: 1.5rem 0 0.25rem;
  padding: 0 0.5rem;
  font-size: 0.75rem;
  font-weight: 600;
  color: var(--soft);
  border: 0;
}
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a {
  display: flex;
  justify-content: space-between;
  align-items: center;
  gap: 0.5rem;
  padding: 0.2rem 0.5rem;
  border-radius: 6px;
  color: var(--text);
  font-size: 0.875rem;
}
nav li a:hover { background: var(--code); text-decoration: none; }

main { padding: 2.5rem clamp(1.25rem, 4vw, 3.5rem) 6rem; max-width: 82rem; }
header { max-width: 46rem; }
h1 { margin: 0 0 0.75rem; font-size: 1.875rem; line-height: 1.2; letter-spacing: -0.02em; }
h1 small { font-size: 0.875rem; font-weight: 400; color: var(--soft); letter-spacing: 0; }
h2 { margin: 3rem 0 0.5rem; font-size: 1.375rem; letter-spacing: -0.01em; }
h3 { margin: 0 0 0.5rem; font-size: 1.125rem; }
h4 { margin: 1.5rem 0 0.5rem; font-size: 0.8125rem; font-weight: 600; color: var(--soft); }
article { padding: 1.75rem 0; border-top: 1px solid var(--line); }
section > h2 + p { color: var(--soft); margin-bottom: 1.25rem; }

.endpoint { display: flex; flex-wrap: wrap; align-items: center; gap: 0.6rem; margin-bottom: 1rem; }
.endpoint code { background: none; padding: 0; font-size: 0.875rem; overflow-wrap: anywhere; }
.endpoint i { color: var(--key); font-style: normal; }
.lock { color: var(--soft); font-size: 0.8125rem; }
.method { font-size: 0.6875rem; letter-spacing: 0.04em; color: var(--get); }
.method.post { color: var(--post); }
.endpoint .method { border: 1px solid currentColor; border-radius: 5px; padding: 0 0.4rem; }

.columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 2.5rem; }
.examples h4:first-child { margin-top: 0; }
pre {
  margin: 0;
  padding: 0.9rem 1rem;
  overflow-x: auto;
  background: var(--block);
  border: 1px solid var(--line);
  border-radius: 8px;
}
pre.shell { white-space: pre-wrap; overflow-wrap: anywhere; }
pre .key { color: var(--key); }
pre .string { color: var(--post); }
pre .literal { color: var(--get); }

.fields { margin: 0; max-width: 46rem; }
.fields > div { padding: 0.6rem 0; border-top: 1px solid var(--line); }
.fields > div:first-child { border-top: 0; }
.fields .name { font-weight: 600; }
.fields dd { margin: 0.15rem 0 0; color: var(--soft); }
.fields dd p { margin: 0; }
.type, .required, .facts { font-size: 0.8125rem; color: var(--soft); }
.required { color: var(--bad); }
.words code { display: inline-block; }

.answer { display: grid; grid-template-columns: 5rem minmax(0, 1fr); padding: 0.35rem 0; }
.answer p { margin: 0 0 0.15rem; }
.status { font: 600 0.8125rem/1.85 ui-monospace, Menlo, Consolas, monospace; }
.status.good { color: var(--post); }
.status.bad { color: var(--bad); }

table { width: 100%; max-width: 64rem; border-collapse: collapse; font-size: 0.875rem; }
th, td { padding: 0.5rem 1rem 0.5rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); }
td p { margin: 0; }
tr:target td, article:target h3 { background: light-dark(#fff6d6, #3a3215); }

@media (max-width: 68rem) {
  .columns { grid-template-columns: minmax(0, 1fr); gap: 0.5rem; }
}
@media (max-width: 48rem) {
  body { grid-template-columns: minmax(0, 1fr); }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); }
  nav ul { display: flex; flex-wrap: wrap; }
  table { display: block; overflow-x: auto; }
}
`;
