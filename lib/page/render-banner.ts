import type { Snapshot } from '../context/inspect.ts'
import { judgeClocks } from '../protocol/clocks.ts'
import type { Condition } from '../protocol/decision.ts'
import { recentGrants } from '../protocol/grant.ts'
import { formatAgo, formatReason, formatReasons, formatSpan, soften } from '../text/format.ts'
import { formatPreconfirmations } from '../text/preconfirmations.ts'
import { formatArming, formatL1, formatL1Worries, formatMode, formatVersions, summarize } from '../text/summary.ts'
import { type Content, html, type Markup } from './html.ts'
import { orUnknown, renderHash, renderTime } from './render-parts.ts'

/** An observation older than this is stale. */
const STALE_MS = 5_000

const words: Record<Condition, string> = {
  ok: 'OK',
  degraded: 'DEGRADED',
  moving: 'MOVING',
  halted: 'HALTED',
  observing: 'OBSERVING',
}

/**
 * Who sequences, since when and why; then all that a person must know first. `lookedAt`: time of the observation, Unix
 * ms.
 */
export function renderBanner(snapshot: Snapshot, lookedAt: number): Markup {
  const { chain, view } = snapshot
  const { condition, headline, leader, since, term, why } = summarize(snapshot)
  return html`<header class="banner is-${condition}">
<p class="chain"><b>${chain.name}</b> <span>chain ${chain.id}</span></p>
<h1><span class="chip">${words[condition]}</span> ${headline}</h1>
<p class="why">${leader !== undefined && `${leader} holds the term ${since === undefined ? '· ' : ''}`}${since !== undefined && html`since ${renderTime(since, view.now)} · `}${term !== undefined && html`term ${term} · `}${why}</p>
${renderNotices(snapshot, lookedAt)}
${renderFacts(snapshot)}
</header>${renderAlert(snapshot)}`
}

function renderAlert({ decision: { page, sharedCause } }: Snapshot): Content {
  if (page.length === 0) return undefined
  const shared = sharedCause && formatReason(sharedCause)
  const items = page.map((reason) => {
    const text = formatReason(reason)
    return html`<li>${text}${text === shared && html`. <b>A shared cause: Baton moves nothing because of it.</b>`}</li>`
  })
  return html`<section class="alert" role="alert" data-key="alert"><h2>Needs a person</h2><ul>${items}</ul></section>`
}

function renderNotices(snapshot: Snapshot, lookedAt: number): Content {
  const { view, decision, monitor } = snapshot
  const { lease, now, gate } = view
  const notices: Content[] = []
  if (now - lookedAt > STALE_MS)
    notices.push(html`This page is stale: the nodes were last observed ${formatAgo(lookedAt, now)}.`)
  if (lease && lease.mode !== 'auto')
    notices.push(html`<b>${capital(lease.mode)}.</b> ${capital(formatMode(snapshot))}.`)
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
  else if (monitor.until < now) notices.push(html`<b>No monitor is active</b> since ${renderTime(monitor.until, now)}.`)
  if (lease?.switchover) {
    const { to, by, notBefore, force } = lease.switchover
    const when = notBefore > now ? renderTime(notBefore, now) : 'as soon as possible'
    notices.push(
      html`<b>Switchover requested</b> by ${by}: to ${to ?? 'the best standby'}, ${when}${force && ', forced'}.`,
    )
  }
  return notices.map((notice) => html`<p class="notice">${notice}</p>`)
}

function renderFacts(snapshot: Snapshot): Markup {
  const { view, monitor } = snapshot
  const { head, lease, now, policy, gate } = view
  const facts: readonly (readonly [string, Content])[] = [
    ['Head', head && html`<b>${head.number}</b> ${renderHash(head.hash)}`],
    ['Committed', head && renderCommitted(head.committedAt, snapshot)],
    ['Block time', formatSpan(policy.blockTimeMs)],
    ['Mode', formatMode(snapshot)],
    ['Baton', formatArming(snapshot)],
    ['Lease', lease && html`${lease.expiresAt < now ? 'expired' : 'ends'} ${renderTime(lease.expiresAt, now)}`],
    ['Gate', gate && (gate.ok ? 'answers' : 'does not answer')],
    ['Monitor', monitor && html`${monitor.owner}, since ${renderTime(monitor.since, now)}`],
    ['Moves in the last hour', lease && `${recentGrants(lease, now).length} of ${policy.budgetPerHour}`],
    ...formatL1(snapshot),
    ...[formatPreconfirmations(snapshot)].flatMap((text): [string, Content][] => (text ? [['Flashblocks', text]] : [])),
    ...formatVersions(snapshot).map(({ client, sentence, skewed }): [string, Content] => [
      `${capital(client)} client`,
      skewed ? html`<b class="warn">${sentence}</b>` : sentence,
    ]),
  ]
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${orUnknown(value)}</dd></div>`)}</dl>`
}

function renderCommitted(committedAt: number, { view: { now, policy } }: Snapshot): Markup {
  const late = now > committedAt + policy.blockTimeMs + policy.slackMs
  return late ? html`<b class="bad">${renderTime(committedAt, now)}</b>` : renderTime(committedAt, now)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
