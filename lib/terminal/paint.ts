import { styleText } from 'node:util'

/** The style of a piece of text. */
export type Tone = 'bold' | 'quiet' | 'good' | 'bad' | 'warn' | 'move'

/** Gives text a tone, or leaves it unchanged where colours are off. */
export type Paint = (tone: Tone, text: string) => string

type Format = Parameters<typeof styleText>[0]
const formats: Record<Tone, Format> = {
  bold: 'bold',
  quiet: 'gray',
  good: 'green',
  bad: ['bold', 'red'],
  warn: 'yellow',
  move: 'blue',
}

/** Leaves text unchanged. */
export const plain: Paint = (_, text) => text

/** Paints for a stream, unless it is no terminal or NO_COLOR is set. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return (tone, text) => styleText(formats[tone], text, { stream })
}
