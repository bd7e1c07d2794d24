import { existsSync, readdirSync, readFileSync } from 'node:fs'
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
  'lib/builder': ['lib/protocol'],
  'lib/gate': ['lib/protocol', 'lib/chain', 'lib/store'],
  'lib/context': [
    'lib/protocol',
    'lib/aws',
    'lib/host',
    'lib/config',
    'lib/chain',
    'lib/store',
    'lib/l1',
    'lib/builder',
  ],
  'lib/monitor': ['lib/protocol', 'lib/chain', 'lib/store', 'lib/context'],
  'lib/operator': ['lib/protocol', 'lib/context'],
  'lib/text': ['lib/protocol', 'lib/context'],
  'lib/terminal': ['lib/protocol', 'lib/context', 'lib/text'],
  'lib/conductor': [...['lib/protocol', 'lib/chain', 'lib/gate', 'lib/context', 'lib/operator', 'lib/text']],
  'lib/operations': [
    ...['lib/protocol', 'lib/aws', 'lib/host', 'lib/config', 'lib/chain', 'lib/store', 'lib/context'],
    ...['lib/monitor', 'lib/operator', 'lib/text'],
  ],
  'lib/cloudwatch': ['lib/protocol', 'lib/aws', 'lib/context', 'lib/monitor', 'lib/operations'],
  'lib/prometheus': ['lib/protocol', 'lib/store', 'lib/gate', 'lib/context', 'lib/monitor', 'lib/text'],
  'lib/doctor': ['lib/protocol', 'lib/config', 'lib/chain', 'lib/operations'],
  'lib/page': ['lib/protocol', 'lib/config', 'lib/context', 'lib/text', 'lib/operator', 'lib/operations'],
  'lib/lambda': [
    ...['lib/protocol', 'lib/aws', 'lib/config', 'lib/store', 'lib/gate', 'lib/context', 'lib/monitor'],
    ...['lib/operator', 'lib/conductor', 'lib/operations', 'lib/cloudwatch', 'lib/page'],
  ],
  'lib/cdk': [
    ...['lib/protocol', 'lib/host', 'lib/config', 'lib/store', 'lib/operator', 'lib/operations', 'lib/cloudwatch'],
    'lib/lambda',
  ],
  'lib/simulator': [
    ...['lib/protocol', 'lib/host', 'lib/config', 'lib/chain', 'lib/store', 'lib/gate', 'lib/context', 'lib/monitor'],
    ...['lib/operator', 'lib/operations', 'lib/text', 'lib/terminal', 'lib/page'],
  ],
  'lib/serve': [
    ...['lib/protocol', 'lib/aws', 'lib/config', 'lib/store', 'lib/gate', 'lib/context', 'lib/monitor'],
    ...['lib/operator', 'lib/conductor', 'lib/operations', 'lib/cloudwatch', 'lib/prometheus', 'lib/text'],
    'lib/page',
  ],
}

/** Libraries that only these rooms may import. */
export const libraries: Readonly<Record<string, readonly string[]>> = {
  'aws-cdk-lib': ['lib/cdk'],
  constructs: ['lib/cdk'],
  '@aws-sdk/client-dynamodb': ['lib/store', 'lib/lambda', 'lib/serve'],
  '@aws-lambda-powertools/logger': ['lib/lambda'],
  '@middy/core': ['lib/lambda'],
  'prom-client': ['lib/prometheus'],
}

/** The simulator is loaded by these alone, and only when it is used: no other process carries it. */
const loadSimulator = ['bin/commands/start.ts', 'bin/commands/drill.ts', 'lib/serve/start.ts']

/** An import that points outward, as `file: what it imports`. */
export type Breach = string

/** Where the files at `root` break {@link layers} and {@link libraries}. */
export function breaches(root: string): Breach[] {
  return sourcesOf(root, 'lib').flatMap(({ file, imports }) =>
    imports.filter(({ to, fixed }) => !mayImport(file, to, fixed)).map(({ to }) => `${file}: ${to}`),
  )
}

/** Where a file outside `lib` imports the simulator that may not, or imports it before it is used. */
export function simulatorImports(root: string): Breach[] {
  return ['bin', 'lambdas']
    .flatMap((folder) => sourcesOf(root, folder))
    .flatMap(({ file, imports }) =>
      imports
        .filter(({ to, fixed }) => roomOf(target(file, to)) === SIMULATOR && !loadsSimulator(file, fixed))
        .map(({ to }) => `${file}: ${to}`),
    )
}

const SIMULATOR = 'lib/simulator'

const loadsSimulator = (file: string, fixed: boolean): boolean => !fixed && loadSimulator.includes(file)

function mayImport(file: string, to: string, fixed: boolean): boolean {
  const from = roomOf(file)
  if (!to.startsWith('.')) {
    const owners = Object.entries(libraries).find(([library]) => to === library || to.startsWith(`${library}/`))?.[1]
    return owners === undefined || owners.includes(from)
  }
  const imported = target(file, to)
  if (!imported.startsWith('lib/')) return imported === 'package.json'
  const room = roomOf(imported)
  // The engine knows no operation, and none knows the serving rooms.
  if (file.startsWith('lib/operations/engine/') && room === 'lib/operations')
    return imported.startsWith('lib/operations/engine/')
  if (room === SIMULATOR && from !== SIMULATOR) return loadsSimulator(file, fixed)
  return room === from || room === 'lib' || (layers[from]?.includes(room) ?? false)
}

type Source = { readonly file: string; readonly imports: readonly Import[] }
/** `fixed` = loaded with the file that names it. */
type Import = { readonly to: string; readonly fixed: boolean }

function sourcesOf(root: string, folder: string): Source[] {
  const names = existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    : []
  return names
    .filter((name) => /\.ts$/.test(name))
    .map((name) => normalize(join(folder, name)))
    .map((file) => ({ file, imports: importsOf(readFileSync(join(root, file), 'utf8')) }))
}

const target = (file: string, to: string): string => (to.startsWith('.') ? normalize(join(dirname(file), to)) : to)

const roomOf = (file: string): string => file.split('/').slice(0, -1).slice(0, 2).join('/')

const importsOf = (source: string): Import[] =>
  [...source.matchAll(/^(?:import|export)\s[^'"]*?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]/gm)].map(
    ([, fixed, dynamic]) => ({ to: fixed ?? dynamic ?? '', fixed: fixed !== undefined }),
  )
