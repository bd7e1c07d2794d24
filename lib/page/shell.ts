import { readFileSync } from 'node:fs'
import { html, Markup } from './html.ts'

const script = new Markup(readFileSync(new URL('./live.js', import.meta.url), 'utf8'))

const style = html`
:root{color-scheme:light dark}
body{margin:0;background:light-dark(#fbfcfd,#12161b)}
#lost{position:sticky;top:0;z-index:2;margin:0;padding:8px 24px;font:600 15px/1.4 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color:#fff;background:#b3261e}
#lost:not([hidden])~#state{opacity:.55}
.baton .controls p{margin:0 0 10px}
.baton button{font:inherit;font-size:13px;line-height:1.3;padding:3px 9px;margin:1px 0;border:1px solid var(--line);border-radius:4px;color:var(--ink);background:var(--raised);cursor:pointer;white-space:nowrap}
.baton button:hover:not(:disabled){border-color:var(--quiet)}
.baton button:disabled{color:var(--quiet);opacity:.6;cursor:default}
.baton :focus-visible,dialog :focus-visible{outline:2px solid var(--move,#1f5fbf);outline-offset:1px}
dialog{max-width:52ch;padding:18px 20px;border:1px solid #8884;border-radius:8px;font:15px/1.45 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
dialog::backdrop{background:#0006}
dialog p{margin:0 0 14px}
dialog form{display:flex;gap:10px;justify-content:flex-end}
dialog button{font:inherit;padding:5px 14px}
#said{position:fixed;right:18px;bottom:18px;z-index:3;max-width:60ch;margin:0;padding:10px 14px;border-radius:6px;font:14px/1.4 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color:light-dark(#fff,#12161b);background:light-dark(#1b1f24,#e4e7eb)}
#said.failed{color:#fff;background:#b3261e}
`

/** The page around the fragments: what keeps them fresh, and the dialog that asks before each act. */
export function renderShell({
  title,
  state,
  nonce,
  token,
}: {
  readonly title: string
  readonly state: string
  readonly nonce: string
  readonly token: string
}): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="baton-token" content="${token}"><link rel="icon" href="data:,"><title>${title}</title><style>${style}</style></head>
<body><p id="lost" role="alert" hidden></p>
<main id="state">${new Markup(state)}</main>
<dialog id="ask" aria-labelledby="question"><p id="question"></p><form method="dialog"><button value="no">Leave it</button><button value="yes" id="yes">Do it</button></form></dialog>
<p id="said" role="status" hidden></p>
<script nonce="${nonce}">${script}</script></body></html>`.text
}
