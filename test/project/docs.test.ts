import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commands } from '../../bin/cli.ts'
import { outages } from '../../lib/simulator/drills/outages.ts'

const documents = [
  'README.md',
  ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
]
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found)

/** The anchors GitHub gives a document's headings. */
const anchorsOf = (text: string) =>
  matches(text, /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

describe.each(documents)('%s', (document) => {
  const text = readFileSync(document, 'utf8')

  test('links lead somewhere', () => {
    const dead = matches(text, /\]\(([^)\s]+)\)/g).filter((link) => {
      if (/^https?:/.test(link)) return false
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? document : join(dirname(document), path)
      if (!existsSync(target)) return true
      return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor)
    })
    expect(dead).toEqual([])
  })

  test('commands exist', () => {
    const unknown = [
      ...matches(text, /`baton ([a-z][a-z-]*)/g).filter((verb) => !(verb in commands)),
      ...matches(text, /npm run ([a-z][a-z0-9:-]*)/g).filter((script) => !(script in scripts)),
      ...matches(text, /baton drill ([a-z][a-z-]*)/g).filter((name) => !outages.some((drill) => drill.name === name)),
    ]
    expect(unknown).toEqual([])
  })
})
