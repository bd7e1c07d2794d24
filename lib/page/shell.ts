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
#planned{width:min(110ch,92vw);max-width:none}
#planned pre{margin:0 0 14px;padding:10px 12px;max-height:50vh;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #8884;border-radius:6px;font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
#planned h2{margin:0 0 10px;font-size:17px}
#planned input{display:block;width:100%;box-sizing:border-box;margin-top:5px;padding:5px 8px;font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
#planned .danger:not(:disabled){color:#fff;background:#b3261e;border:1px solid #b3261e;border-radius:4px}
#refused{color:light-dark(#c02626,#ff8077);font-weight:600;overflow-wrap:anywhere}
.baton .procedures h3{margin:16px 0 6px}
.baton .procedures details{border:1px solid var(--line);border-top-width:0;background:var(--raised)}
.baton .procedures details:first-of-type{border-top-width:1px;border-radius:6px 6px 0 0}.baton .procedures details:last-of-type{border-radius:0 0 6px 6px}
.baton .procedures summary{padding:6px 10px;font-weight:600;cursor:pointer}
.baton .procedures .danger>summary{color:var(--bad)}
.baton .procedures summary small{margin-left:6px}
.baton .procedures details>p{padding:0 12px 8px;max-width:110ch}
.baton .procedures .form{padding:8px 12px 10px;border-top:1px solid var(--line)}
.baton .procedures .form p{margin:2px 0 6px;max-width:110ch}
.baton .procedures .fields{display:flex;flex-wrap:wrap;align-items:center;gap:6px 16px}
.baton input,.baton select{font:inherit;font-size:13px;padding:2px 6px;color:var(--ink);background:var(--ground);border:1px solid var(--line);border-radius:4px}
.baton input.narrow{width:9ch}
.baton .run h2{font-size:16px}
.baton .run pre{margin:4px 0;white-space:pre-wrap;overflow-wrap:anywhere;font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.baton .steps{list-style:none;margin:4px 0;padding:0}
.baton .steps span{display:inline-block;width:1.2em;color:var(--tone)}
.baton .steps .left{color:var(--quiet)}.baton .steps .under-way{font-weight:600}
.baton .outcome{white-space:pre-wrap;overflow-wrap:anywhere;max-width:110ch}
#said{overflow-wrap:anywhere;position:fixed;right:18px;bottom:18px;z-index:3;max-width:60ch;margin:0;padding:10px 14px;border-radius:6px;font:14px/1.4 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color:light-dark(#fff,#12161b);background:light-dark(#1b1f24,#e4e7eb)}
#said.failed{color:#fff;background:#b3261e}
`

/** The fragments of the page; HTML except for the title. */
export type Shown = { readonly title: string; readonly state: string }

/** The page around the fragments: the script that refreshes them, and the dialog before each act. */
export function renderShell({ title, state, nonce }: Shown & { nonce: string }): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="icon" href="data:,"><title>${title}</title><style>${style}</style></head>
<body><p id="lost" role="alert" hidden></p>
<main id="state">${new Markup(state)}</main>
<dialog id="ask" aria-labelledby="question"><p id="question"></p><form method="dialog"><button value="no">Leave it</button><button value="yes" id="yes">Do it</button></form></dialog>
<dialog id="planned" aria-labelledby="plan-title"><h2 id="plan-title"></h2><pre id="plan" tabindex="0"></pre>
<p id="confirm" hidden><label>To confirm, type the whole hash of the block this is about <input id="hash" autocomplete="off" spellcheck="false" placeholder="0x…"></label></p>
<p id="refused" role="alert" hidden></p>
<form method="dialog"><button value="no">Leave it</button><button type="button" id="begin"></button></form></dialog>
<p id="said" role="status" hidden></p>
<script nonce="${nonce}">${script}</script></body></html>`.text
}
