import { describe, expect, test } from 'vitest'
import { explore } from './explore.ts'
import { PROGRAM_NAMES } from './operators.ts'
import { QUICK } from './plans.ts'

/** How many states each quick plan has at least: one that finds fewer explores something else. */
const LEAST: Readonly<Record<string, number>> = { alone: 4_000, operator: 100_000, 'two operators': 50_000 }

const endings = new Set<string>()

describe('every state within small bounds', () => {
  test.each(Object.entries(QUICK))(
    '%s: no rule is broken',
    async (name, scopes) => {
      let states = 0
      for (const scope of scopes) {
        const found = await explore(scope)
        expect(found.broken?.trace.join('\n')).toBeUndefined()
        expect(found.exhausted).toBe(true)
        states += found.states
        for (const ending of found.explorer.programs.endings) endings.add(ending)
      }
      expect(states).toBeGreaterThan(LEAST[name] ?? Number.POSITIVE_INFINITY)
    },
    240_000,
  )

  test('each program is run to its good end, and cut off in the middle if it has one', () => {
    expect(PROGRAM_NAMES.filter((program) => !endings.has(`${program}: done`))).toEqual([])
    const cutOff = [...endings].filter((ending) => ending.includes('UnfinishedActError'))
    expect([...new Set(cutOff.map((ending) => ending.split(':')[0]))].sort()).toEqual([
      'adopt',
      'leave',
      'override',
      'return',
    ])
  })
})
