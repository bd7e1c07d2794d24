import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { commands } from '../../bin/cli.ts'
import { outages } from '../../lib/simulator/drills/outages.ts'
import { layers } from './layers.ts'

const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).flatMap((name) =>
    name.endsWith('.md') ? [`docs/${name}`] : [],
  ),
]
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
const helps = new Map(
  await Promise.all(
    Object.entries(commands).map(async ([verb, { usage }]) => [verb, stripVTControlCharacters(await usage())] as const),
  ),
)
const alarms = matches(readFileSync('docs/runbooks.md', 'utf8'), /^## ([a-z0-9-]+)$/gm)

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found)
}

/** The anchors GitHub gives a document's headings. */
const anchorsOf = (text: string) =>
  matches(text, /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

/** A command's options, as its help has them: of a `--no-x` both ways. */
const optionsOf = (verb: string) =>
  matches(helps.get(verb) ?? '', /--([a-z0-9-]+)/g).flatMap((name) => [name, name.replace(/^no-/, '')])

/** Every call of the command line in a document: in a sentence, or a line of its own. */
const calls = (text: string) =>
  [...text.matchAll(/(?:`|^|run |: )baton (?:-- )?([a-z][a-z-]*)([^`\n|#]*)/gm)].map(([, verb = '', rest = '']) => ({
    verb,
    options: matches(rest, / --([a-z][a-z0-9-]*)/g),
  }))

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

  test('commands and their options exist', () => {
    const unknown = [
      ...calls(text).flatMap(({ verb, options }) =>
        verb in commands
          ? options.filter((name) => !optionsOf(verb).includes(name)).map((name) => `${verb} --${name}`)
          : [verb],
      ),
      ...matches(text, /npm run ([a-z][a-z0-9:-]*)/g).filter((script) => !(script in scripts)),
      ...matches(text, /baton drill ([a-z][a-z-]*)/g).filter((name) => !outages.some((drill) => drill.name === name)),
    ]
    expect(unknown).toEqual([])
  })

  test('files and folders exist', () => {
    const named = matches(text, /(?<![\w./-])((?:lib|test|bin|docs|lambdas|samples)\/[\w./-]*\w)/g)
    expect(named.filter((path) => !existsSync(path) && !existsSync(`${path}.test.ts`))).toEqual([])
  })

  test('alarms exist', () => {
    expect(matches(text, /alarms? `([a-z][a-z0-9-]+)`/g).filter((id) => !alarms.includes(id))).toEqual([])
  })
})

test('a call of the command line is read with its options', () => {
  expect(calls('run `baton recover NODE --dry-run`, then\nnpm run baton -- status --json')).toEqual([
    { verb: 'recover', options: ['dry-run'] },
    { verb: 'status', options: ['json'] },
  ])
})

test.each(outages.map(({ name, when, must }) => [name, when, must]))(
  'docs/drills.md says of %s what the drill says',
  (_, when, must) => {
    expect(readFileSync('docs/drills.md', 'utf8')).toContain(`| ${when} | ${must}`)
  },
)

/** Written by hand, and read at night: what stands here must not be read twice. */
const prose = documents.filter((document) => !/cli\.md|reference|drills/.test(document))

test.each(prose)('%s is written as people speak', (document) => {
  const text = readFileSync(document, 'utf8')
  const habit =
    /\b(?:whoever|somebody|nobody|everybody|anew|mended|(?:is|are) told|goes on by itself|by themselves|put (?:back|away|aside))\b/gi
  expect(
    [...text.matchAll(habit)].map(({ 0: found, index }) => text.slice(index - 40, index + found.length + 20)),
  ).toEqual([])
})

test('what code says about a document is true: the document, its section, its heading', () => {
  const files = ['lib', 'bin', 'lambdas'].flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: 'utf8' }).map((name) => join(room, name)),
  )
  const code = files.filter((name) => name.endsWith('.ts')).map((name) => readFileSync(name, 'utf8'))
  const ways = [
    /(?<![\w/])docs\/(?<document>[\w-]+\.md)(?:#(?<anchor>[\w-]+)|, [“"](?<heading>[^”"]+)[”"])?/g,
    /[“"](?<heading>[^”"\n]+)[”"] in docs\/(?<document>[\w-]+\.md)/g,
  ]
  const named = code.flatMap((text) => ways.flatMap((way) => [...text.matchAll(way)].map(({ groups = {} }) => groups)))
  expect(named.length).toBeGreaterThan(20)
  const wrong = named.filter(({ document = '', anchor, heading }) => {
    if (!existsSync(`docs/${document}`)) return true
    const text = readFileSync(`docs/${document}`, 'utf8')
    if (anchor !== undefined && !anchorsOf(text).includes(anchor)) return true
    return heading !== undefined && !matches(text, /^#+ (.+)$/gm).some((each) => each.startsWith(heading))
  })
  expect(wrong).toEqual([])
})

test('what a runbook quotes is what Baton says', () => {
  const plain = (text: string) =>
    text
      .replace(/["'`“”’]/g, '')
      .replace(/\s+/g, ' ')
      .toLowerCase()
  const code = ['lib', 'bin'].flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: 'utf8' }).flatMap((name) =>
      name.endsWith('.ts') ? [plain(readFileSync(join(room, name), 'utf8'))] : [],
    ),
  )
  const quotes = documents.flatMap((document) => {
    const tables = readFileSync(document, 'utf8')
      .split(/\n\n/)
      .filter((part) => /^\| it (?:says|ends with) \|/.test(part))
    return tables.flatMap((table) =>
      table.split('\n').flatMap((row) => matches(row.split('|')[1] ?? '', /\*([^*]+)\*/g)),
    )
  })
  expect(quotes.length).toBeGreaterThan(30)
  const words = (quote: string) => quote.split('…').map((part) => plain(part).replace(/^[ ,:]+|[ ,:]+$/g, ''))
  expect(quotes.filter((quote) => !words(quote).every((part) => code.some((text) => text.includes(part))))).toEqual([])
})

test('README is read in five minutes', () => {
  expect(readFileSync('README.md', 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(120)
})

test('docs/design.md names every room of lib, and every operation', () => {
  const design = readFileSync('docs/design.md', 'utf8')
  const operations = readdirSync('lib/operations').map((name) => `lib/operations/${name}`)
  expect([...Object.keys(layers), ...operations].filter((room) => !design.includes(`| \`${room}\` |`))).toEqual([])
})

test('docs/design.md has every field of every record', () => {
  const design = readFileSync('docs/design.md', 'utf8')
  const types = matches(readFileSync('lib/protocol/records.ts', 'utf8'), /^export type \w+ =[^{]*\{\n([\s\S]*?)^\}/gm)
  const fields = types.flatMap((type) => matches(type, /^ {2}readonly (\w+)\??:/gm))
  expect(types.length).toBeGreaterThan(5)
  expect([...new Set(fields)].filter((field) => !design.includes(`\`${field}\``))).toEqual([])
})

test('docs/adr has one page for each decision, with the same parts', () => {
  const pages = readdirSync('docs/adr')
  expect(pages.length).toBeGreaterThan(4)
  for (const page of pages) {
    const text = readFileSync(join('docs/adr', page), 'utf8')
    expect(matches(text, /^## (.+)$/gm), page).toEqual(['Context', 'Decision', 'Consequences'])
    expect(readFileSync('docs/design.md', 'utf8')).toContain(`(adr/${page})`)
  }
})
