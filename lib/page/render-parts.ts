import type { BlockId } from '../protocol/block.ts'
import { formatAgo, formatUtc, shortHash } from '../text/format.ts'
import { type Content, html, type Markup } from './html.ts'

/** Number of leader colours in the style sheet; further nodes share them and differ by name. */
const COLOURS = 6

/** A moment: relative, with the UTC time as its title. */
export function renderTime(at: number, now: number): Markup {
  return html`<time datetime="${new Date(at).toISOString()}" title="${formatUtc(at)}">${formatAgo(at, now)}</time>`
}

/** A hash: its ends, with all of it as the title. */
export function renderHash(hash: string): Markup {
  return html`<code title="${hash}">${shortHash(hash)}</code>`
}

/** A block: its number and its short hash. */
export function renderBlock(block: BlockId | undefined): Markup {
  return block ? html`<b>${block.number}</b> ${renderHash(block.hash)}` : unknown
}

/** The sign for an unknown value. */
export const unknown: Markup = html`<span class="unknown" title="not known">–</span>`

/** A value, or the sign for an unknown one. */
export function orUnknown(value: Content): Content {
  return value === undefined ? unknown : value
}

/** The class that gives a node its colour, by its place in the configuration. */
export function colourOf(name: string, nodes: readonly { readonly name: string }[]): string {
  const place = nodes.findIndex((node) => node.name === name)
  return place === -1 ? 'c-none' : `c${place % COLOURS}`
}

/** A node's name beside its colour. */
export function renderNode(name: string, nodes: readonly { readonly name: string }[]): Markup {
  return name === '' ? unknown : html`<span class="node ${colourOf(name, nodes)}">${name}</span>`
}
