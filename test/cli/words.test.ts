import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { closest } from '../../lib/suggest.ts'
import { widthOf, wrap } from '../../lib/terminal/wrap.ts'

describe('a mistyped word', () => {
  const words = ['start', 'status', 'switchover', 'pause', 'resume', 'upgrade']
  test.each([
    ['stauts', 'status'],
    ['STATUS', 'status'],
    ['switchovr', 'switchover'],
    ['switch', 'switchover'],
    ['pasue', 'pause'],
    ['upgrde', 'upgrade'],
  ])('%s is meant as %s', (typed, meant) => expect(closest(typed, words)).toBe(meant))

  test.each(['frobnicate', 'x', 'st', ''])('%j is meant as none', (typed) => {
    expect(closest(typed, words)).toBeUndefined()
  })

  test('one that is right is meant as itself', () => {
    for (const word of words) expect(closest(word, words)).toBe(word)
  })
})

describe('wrap', () => {
  const sentence = fc.array(fc.stringMatching(/^[a-z0-9]{1,30}$/), { maxLength: 20 }).map((words) => words.join(' '))

  test('no line is wider, and no character is lost', () => {
    fc.assert(
      fc.property(sentence, fc.integer({ min: 1, max: 60 }), (text, width) => {
        const wrapped = wrap(text, width)
        for (const line of wrapped.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width)
        expect(wrapped.replace(/[\n ]/g, '')).toBe(text.replaceAll(' ', ''))
      }),
    )
  })

  test('the indent counts, and the first line has none', () => {
    expect(wrap('one two three', 9, '  ')).toBe('one two\n  three')
  })

  test('colours take no width', () => {
    const red = '\u001b[31mred\u001b[39m'
    expect(wrap(`${red} ${red}`, 7)).toBe(`${red} ${red}`)
    expect(wrap(`${red} ${red}`, 6)).toBe(`${red}\n${red}`)
  })
})
