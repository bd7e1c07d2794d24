import { readFileSync } from 'node:fs'
import type { ShownState } from '../text/state.ts'
import type { Announcement } from './announce.ts'
import { html, Markup } from './html.ts'

const script = new Markup(readFileSync(new URL('./live.js', import.meta.url), 'utf8'))

const style = html`
:root{color-scheme:light dark}
body{margin:0;background:light-dark(#fbfcfd,#12161b)}
#lost{position:sticky;top:0;z-index:2;margin:0;padding:8px 24px;font:600 15px/1.4 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color:#fff;background:#b3261e}
#lost:not([hidden])~#state{opacity:.55}
#shows-only{margin:0;padding:8px 24px;font:14px/1.4 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color:light-dark(#1b1f24,#e4e7eb);background:light-dark(#fff6dc,#2e2712)}
.only-heard{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.baton .controls p{margin:0 0 10px}
.baton button{font:inherit;font-size:13px;line-height:1.3;padding:4px 10px;margin:2px 0;border:1px solid var(--line);border-radius:4px;color:var(--ink);background:var(--raised);cursor:pointer;white-space:nowrap}
.baton button:hover:not(:disabled){border-color:var(--quiet)}
.baton button:disabled{color:var(--quiet);opacity:.6;cursor:default}
.baton :focus-visible,dialog :focus-visible{outline:2px solid var(--move,#1f5fbf);outline-offset:1px}
dialog{max-width:52ch;padding:18px 20px;border:1px solid #8884;border-radius:8px;font:15px/1.45 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
dialog::backdrop{background:#0006}
dialog p{margin:0 0 14px}
dialog h2{margin:0 0 8px;font-size:17px}
dialog .buttons{display:flex;gap:10px;justify-content:flex-end;margin:0}
dialog button{font:inherit;padding:6px 16px;border:1px solid #8886;border-radius:5px;color:inherit;background:transparent;cursor:pointer}
dialog button.primary{font-weight:600;color:#fff;background:#1f5fbf;border-color:#1f5fbf}
dialog button:disabled{opacity:.5;cursor:default}
#why{display:block;width:100%;box-sizing:border-box;margin-top:5px;padding:6px 8px;font:inherit}
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
.baton .rehearsal details{border:1px solid var(--line);border-radius:6px;background:var(--raised)}
.baton .rehearsal summary{padding:8px 12px;font-weight:600;cursor:pointer}
.baton .rehearsal .wide{border-width:1px 0 0;border-radius:0}
.baton .alert button{border-color:var(--bad);font-weight:600}
@media(max-width:600px){.baton button,dialog button{min-height:44px;font-size:15px;padding:8px 14px}.baton input,.baton select{min-height:40px;font-size:16px;max-width:100%}.baton .procedures summary,.baton .rehearsal summary{min-height:44px;padding:10px 12px}.baton .procedures .fields>*{width:100%}}
.baton .run h2{font-size:16px}
.baton .run pre{margin:4px 0;white-space:pre-wrap;overflow-wrap:anywhere;font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.baton .steps{list-style:none;margin:4px 0;padding:0}
.baton .steps span{display:inline-block;width:1.2em;color:var(--tone)}
.baton .steps .left{color:var(--quiet)}.baton .steps .under-way{font-weight:600}
.baton .outcome{white-space:pre-wrap;overflow-wrap:anywhere;max-width:110ch}
#said{overflow-wrap:anywhere;position:fixed;right:18px;bottom:18px;z-index:3;max-width:60ch;margin:0;padding:10px 14px;border-radius:6px;font:14px/1.4 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;color:light-dark(#fff,#12161b);background:light-dark(#1b1f24,#e4e7eb)}
#said.failed{color:#fff;background:#b3261e}
`

/** The fragments of the page; HTML in `state` only. */
export type Shown = {
  /** The serving process: another one means that the page must be loaded again. */
  readonly instance: string
  readonly status: ShownState
  readonly title: string
  readonly announce: Announcement
  readonly state: string
}

/** The page around the fragments: the script that refreshes them, and the dialog before each act. */
export function renderShell({ instance, status, title, announce, state, nonce }: Shown & { nonce: string }): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" id="icon" href="${iconOf(status)}"><title>${title}</title><style>${style}</style></head>
<body data-instance="${instance}" data-icons="${JSON.stringify(icons)}" data-said="${announce.key}">
<div id="lost" role="alert" hidden><b>No news from Baton: what is below is old, and no act is possible.</b> <span id="silent" aria-hidden="true"></span></div>
<p id="shows-only" role="status" hidden></p>
<p id="announce" class="only-heard" role="status" aria-live="assertive"></p>
<main id="state">${new Markup(state)}</main>
<dialog id="ask" aria-labelledby="ask-title" aria-describedby="question"><h2 id="ask-title"></h2><p id="question"></p>
<form method="dialog"><p id="why-asked" hidden><label>Why? The history keeps it. <input id="why" maxlength="200" autocomplete="off"></label></p>
<p class="buttons"><button value="no" id="no" type="button">Cancel</button><button value="yes" id="yes" class="primary"></button></p></form></dialog>
<dialog id="planned" aria-labelledby="plan-title"><h2 id="plan-title"></h2><pre id="plan" tabindex="0"></pre>
<p id="confirm" hidden><label>To confirm, type the whole hash of the block this is about <input id="hash" autocomplete="off" spellcheck="false" placeholder="0x…"></label></p>
<p id="refused" role="alert" hidden></p>
<form method="dialog"><p class="buttons"><button value="no">Cancel</button><button type="button" id="begin" class="primary"></button></p></form></dialog>
<p id="said" role="status" hidden></p>
<script nonce="${nonce}">${script}</script></body></html>`.text
}

const colours: Record<ShownState | 'lost', string> = {
  ok: '#1a7f4b',
  degraded: '#c98a00',
  moving: '#1f5fbf',
  halted: '#c02626',
  observing: '#6b7480',
  paused: '#c98a00',
  held: '#c98a00',
  lost: '#6b7480',
}

/** What tells the icons apart without their colour. */
const signs: Record<ShownState | 'lost', string> = {
  ok: 'M9 16.5l5 5 9-11',
  degraded: 'M16 8v10M16 22v2',
  moving: 'M8 16h15M17 10l6 6-6 6',
  halted: 'M10 10l12 12M22 10L10 22',
  observing: 'M11 16h10',
  paused: 'M12 10v12M20 10v12',
  held: 'M12 10v12M20 10v12',
  lost: 'M16 9v8M16 22v1',
}

const iconOf = (state: ShownState | 'lost'): string =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${colours[state]}"/><path d="${signs[state]}" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>`)}`

const icons = Object.fromEntries(Object.keys(colours).map((state) => [state, iconOf(state as ShownState | 'lost')]))
