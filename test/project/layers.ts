import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/**
 * What each room may import beside itself and the few files at the root of `lib`. A room that is missing here may not
 * exist. Read from the top, each line only names rooms of lines above it: there is no circle.
 */
export const layers: Readonly<Record<string, readonly string[]>> = {
  'lib/protocol': [],
  'lib/aws': [],
  'lib/host': ['lib/aws'],
  'lib/config': ['lib/protocol', 'lib/host'],
  'lib/chain': ['lib/protocol'],
  'lib/store': ['lib/protocol', 'lib/aws', 'lib/chain'],
  'lib/l1': ['lib/protocol', 'lib/chain'],
  'lib/gate': ['lib/protocol', 'lib/chain', 'lib/store'],
  'lib/context': ['lib/protocol', 'lib/aws', 'lib/host', 'lib/config', 'lib/chain', 'lib/store', 'lib/l1'],
  'lib/monitor': ['lib/protocol', 'lib/chain', 'lib/store', 'lib/context'],
  'lib/operator': ['lib/protocol', 'lib/context'],
  'lib/text': ['lib/protocol', 'lib/context'],
  'lib/terminal': ['lib/protocol', 'lib/context', 'lib/text'],
  'lib/operations': [
    ...['lib/protocol', 'lib/aws', 'lib/host', 'lib/config', 'lib/chain', 'lib/store', 'lib/context'],
    ...['lib/monitor', 'lib/operator', 'lib/text'],
  ],
  'lib/page': ['lib/protocol', 'lib/config', 'lib/context', 'lib/text', 'lib/operator', 'lib/operations'],
  'lib/lambda': [
    ...['lib/protocol', 'lib/aws', 'lib/config', 'lib/store', 'lib/gate', 'lib/context', 'lib/monitor'],
    ...['lib/operator', 'lib/operations', 'lib/page'],
  ],
  'lib/cdk': ['lib/protocol', 'lib/host', 'lib/config', 'lib/store', 'lib/operator', 'lib/operations', 'lib/lambda'],
  'lib/simulator': [
    ...['lib/protocol', 'lib/host', 'lib/config', 'lib/chain', 'lib/store', 'lib/gate', 'lib/context', 'lib/monitor'],
    ...['lib/operator', 'lib/operations', 'lib/text', 'lib/terminal', 'lib/page'],
  ],
  'lib/serve': [
    ...['lib/protocol', 'lib/aws', 'lib/config', 'lib/store', 'lib/gate', 'lib/context', 'lib/monitor'],
    ...['lib/operator', 'lib/operations', 'lib/page', 'lib/simulator'],
  ],
}

/** Libraries that only these rooms may import. */
export const libraries: Readonly<Record<string, readonly string[]>> = {
  'aws-cdk-lib': ['lib/cdk'],
  constructs: ['lib/cdk'],
  '@aws-sdk/client-dynamodb': ['lib/store', 'lib/lambda', 'lib/serve'],
  '@aws-lambda-powertools/logger': ['lib/lambda'],
  '@middy/core': ['lib/lambda'],
}

/** An import that points outward, as `file: what it imports`. */
export type Breach = string

/** Where the files at `root` break {@link layers} and {@link libraries}. */
export function breaches(root: string): Breach[] {
  const files = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.ts$/.test(name),
  )
  return files.flatMap((name) => {
    const file = normalize(join('lib', name))
    const from = roomOf(file)
    return importsOf(readFileSync(join(root, file), 'utf8'))
      .filter((to) => !mayImport(file, from, to))
      .map((to) => `${file}: ${to}`)
  })
}

function mayImport(file: string, from: string, to: string): boolean {
  if (!to.startsWith('.')) {
    const owners = Object.entries(libraries).find(([library]) => to === library || to.startsWith(`${library}/`))?.[1]
    return owners === undefined || owners.includes(from)
  }
  const target = normalize(join(dirname(file), to))
  if (!target.startsWith('lib/')) return target === 'package.json'
  const room = roomOf(target)
  // The engine knows no operation, and none knows the serving rooms.
  if (file.startsWith('lib/operations/engine/') && room === 'lib/operations')
    return target.startsWith('lib/operations/engine/')
  return room === from || room === 'lib' || (layers[from]?.includes(room) ?? false)
}

const roomOf = (file: string): string => file.split('/').slice(0, -1).slice(0, 2).join('/')

const importsOf = (source: string): string[] =>
  [...source.matchAll(/^(?:import|export)\s[^'"]*?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/gm)].map(
    ([, fixed, dynamic]) => fixed ?? dynamic ?? '',
  )
