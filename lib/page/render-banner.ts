import type { Snapshot } from '../context/inspect.ts'
import { judgeClocks } from '../protocol/clocks.ts'
import { recentGrants } from '../protocol/grant.ts'
import { DEFAULT_RUNBOOK } from '../runbook.ts'
import { type DoThis, doThis } from '../text/do-this.ts'
import { formatAgo, formatReason, formatReasons, formatSpan, formatUtc, soften } from '../text/format.ts'
import { formatPreconfirmations } from '../text/preconfirmations.ts'
import { stateNames, stateOf } from '../text/state.ts'
import {
  formatArming,
  formatL1,
  formatL1Worries,
  formatMode,
  formatTookOver,
  formatVersions,
  type Summary,
  summarize,
} from '../text/summary.ts'
import { type Content, html, type Markup } from './html.ts'
import { orUnknown, renderHash, renderTime } from './render-parts.ts'

/** An observation older than this is stale. */
const STALE_MS = 5_000

/** Where the reader's next step leads. `button`: the button of an operator's act, where it can be offered. */
export type BannerOptions = {
  readonly runbook?: string
  readonly button?: (act: NonNullable<DoThis['act']>) => Content
}

/**
 * Who sequences, since when and why; then all that a person must know and do first. `lookedAt`: time of the observation,
 * Unix ms.
 */
export function renderBanner(snapshot: Snapshot, lookedAt: number, options: BannerOptions = {}): Markup {
  const { chain } = snapshot
  const summary = summarize(snapshot)
  const state = stateOf(snapshot)
  return html`<header class="banner is-${state}">
<p class="chain"><b>${chain.name}</b> <span>chain ${chain.id}</span></p>
<h1><span class="chip">${stateNames[state]}</span> ${summary.headline}</h1>
<p class="why">${renderWhy(summary, snapshot)}</p>
${renderNotices(snapshot, lookedAt)}
${renderFacts(snapshot)}
</header>${renderAlert(snapshot, options)}`
}

function renderWhy(summary: Summary, { view: { now } }: Snapshot): Content {
  const { leader, since, term, why } = summary
  const came = formatTookOver(summary, now)
  const inTerm = term !== undefined && ` · term ${term}`
  if (came !== undefined)
    return html`<span${since !== undefined && html` title="${formatUtc(since)}"`}>${came}</span>${inTerm} · ${why}`
  const held =
    since !== undefined &&
    html`for <time datetime="${new Date(since).toISOString()}" title="${formatUtc(since)}">${formatSpan(now - since)}</time>`
  return html`${leader !== undefined && `${leader} ${held ? 'has held' : 'holds'} the term `}${held}${inTerm}${(held || inTerm || leader) && ' · '}${why}`
}

/** What needs a person, and what that person does: for each reason the next step, its button and the runbook. */
function renderAlert(
  snapshot: Snapshot,
  { runbook = DEFAULT_RUNBOOK, button = () => undefined }: BannerOptions,
): Content {
  const { page, sharedCause, condition } = snapshot.decision
  if (page.length === 0) return undefined
  const shared = sharedCause && formatReason(sharedCause)
  const steps = doThis(snapshot)
  const helpless = condition === 'halted' && snapshot.decision.commands.length === 0
  const reasons = [...new Set(steps.map(({ why }) => why))]
  const items = reasons.map((why) => {
    const todo = steps.filter((step) => step.why === why)
    return html`<li><p class="reason">${why}${why === shared && html`. <b>A shared cause: Baton moves nothing because of it.</b>`}</p>
${todo.map(
  ({ todo: text, command, act, runbook: section }) =>
    html`<p class="do"><b>Do this</b> <span>${text}.</span>${command !== undefined && html` <code>${command}</code>`}${act && html` ${button(act)}`} <a href="${runbook}#${section}" target="_blank" rel="noreferrer">Runbook: ${section}</a></p>`,
)}</li>`
  })
  return html`<section class="alert" data-key="alert" aria-labelledby="needs"><h2 id="needs">Needs a person${helpless && html` <small>Baton can do nothing on its own</small>`}</h2><ul>${items}</ul></section>`
}

function renderNotices(snapshot: Snapshot, lookedAt: number): Content {
  const { view, decision, monitor } = snapshot
  const { lease, now, gate } = view
  const notices: Content[] = []
  if (now - lookedAt > STALE_MS)
    notices.push(html`This page is stale: the nodes were last observed ${formatAgo(lookedAt, now)}.`)
  if (lease && lease.mode !== 'auto')
    notices.push(html`<b>${capital(lease.mode)}</b>${formatMode(snapshot).slice(lease.mode.length)}.`)
  const worries = decision.reasons.filter(({ code }) => code !== 'committing')
  if (decision.condition === 'degraded' && decision.page.length === 0 && worries.length > 0) {
    notices.push(html`<b>Degraded:</b> ${formatReasons(worries)}.`)
  }
  if (decision.sharedCause && decision.page.length === 0) {
    notices.push(html`<b>Shared cause, Baton moves nothing:</b> ${formatReason(decision.sharedCause)}.`)
  }
  const paged = decision.page.map((reason) => formatReason(reason))
  for (const worry of formatL1Worries(snapshot)) {
    if (!paged.includes(worry)) notices.push(html`<b>L1:</b> ${worry}.`)
  }
  for (const wrong of judgeClocks(view)) notices.push(html`<b>Clock:</b> ${formatReason(wrong)}.`)
  if (gate && !gate.ok) notices.push(html`<b>The gate does not answer:</b> ${soften(gate.message)}.`)
  if (!monitor) notices.push(html`<b>No monitor has ever run:</b> failover is disabled.`)
  else if (monitor.until < now)
    notices.push(html`<b>No monitor is active:</b> the lease of the last one ended ${renderTime(monitor.until, now)}.`)
  if (lease?.switchover) {
    const { to, by, notBefore, force } = lease.switchover
    const when = notBefore > now ? renderTime(notBefore, now) : 'as soon as possible'
    notices.push(
      html`<b>Switchover requested</b> by ${by}: to ${to ?? 'the best standby'}, ${when}${force && ', forced'}.`,
    )
  }
  return notices.map((notice) => html`<p class="notice">${notice}</p>`)
}

/** The facts that show at once whether Baton works. */
function renderFacts(snapshot: Snapshot): Markup {
  const { view, monitor } = snapshot
  const { head, lease, now, policy, gate } = view
  return renderList([
    ['Head', head && html`<b>${head.number}</b> ${renderHash(head.hash)}`],
    ['Committed', head && renderCommitted(head.committedAt, snapshot)],
    ['Mode', formatMode(snapshot)],
    ['Baton', formatArming(snapshot)],
    ['Gate', gate && (gate.ok ? 'answers' : 'does not answer')],
    ['Monitor', monitor && html`${monitor.owner}, took over ${renderTime(monitor.since, now)}`],
    ['Moves in the last hour', lease && `${recentGrants(lease, now).length} of ${policy.budgetPerHour}`],
  ])
}

/** Facts to look up: L1, lease, block time, versions. */
export function renderDetails(snapshot: Snapshot): Markup {
  const { lease, now, policy } = snapshot.view
  return html`<section class="details" aria-labelledby="details"><h2 id="details">Details</h2>${renderList([
    ...formatL1(snapshot),
    ...[formatPreconfirmations(snapshot)].flatMap((text): [string, Content][] => (text ? [['Flashblocks', text]] : [])),
    ['Lease', lease && html`${lease.expiresAt < now ? 'expired' : 'ends'} ${renderTime(lease.expiresAt, now)}`],
    ['Block time', formatSpan(policy.blockTimeMs)],
    ...formatVersions(snapshot).map(({ client, sentence, skewed }): [string, Content] => [
      `${capital(client)} client`,
      skewed ? html`<b class="warn">${sentence}</b>` : sentence,
    ]),
  ])}</section>`
}

function renderList(facts: readonly (readonly [name: string, value: Content])[]): Markup {
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${orUnknown(value)}</dd></div>`)}</dl>`
}

function renderCommitted(committedAt: number, { view: { now, policy } }: Snapshot): Markup {
  const late = now > committedAt + policy.blockTimeMs + policy.slackMs
  return late ? html`<b class="bad">${renderTime(committedAt, now)}</b>` : renderTime(committedAt, now)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
