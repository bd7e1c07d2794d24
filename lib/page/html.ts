import { printableLines } from '../protocol/printable.ts'

/** Markup that is safe to write out: only {@link html} makes it, so every value in it was escaped. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
}

/** The values of a template: text is escaped, markup is kept, lists are joined, `false` and `undefined` vanish. */
export type Content = string | number | bigint | Markup | false | undefined | readonly Content[]

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Escapes text for an element or a quoted attribute; spells out characters that hide or reorder text. */
export function escapeHtml(text: string): string {
  return printableLines(text).replace(/[&<>"']/g, (character) => entities[character] ?? '')
}

function write(content: Content): string {
  if (content === undefined || content === false) return ''
  if (content instanceof Markup) return content.text
  if (Array.isArray(content)) return content.map(write).join('')
  return escapeHtml(String(content))
}

/**
 * Builds markup and escapes every interpolated value. Attributes must be quoted.
 *
 * @example
 * html`<b title="${name}">${name}</b>`
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(parts.reduce((text, part, i) => text + write(contents[i - 1]) + part))
}
