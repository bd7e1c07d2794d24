import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { engineFor } from '../../../lib/serve/embedded/engine.ts'
import { nodeOf, versions } from '../nodes.ts'

const root = join(import.meta.dirname, '../../..')
const run = promisify(execFile)
const { resolve } = createRequire(import.meta.url)

/** An empty folder, with nothing of the clone above it. */
const app = realpathSync(mkdtempSync(join(tmpdir(), 'baton-package-')))
const installed = join(app, 'node_modules/rollup-baton')
const baton = join(installed, 'bin/baton.mjs')
let said: string

beforeAll(async () => {
  await run('npm', ['pack', '--pack-destination', app], { cwd: root, maxBuffer: 10_000_000 })
  const [tarball = ''] = readdirSync(app)
  writeFileSync(join(app, 'package.json'), '{ "private": true, "type": "module" }')
  // A script of npm's that calls this one may have made npm silent.
  const install = ['install', '--loglevel=notice', '--no-audit', '--no-fund', `./${tarball}`]
  const { stdout, stderr } = await run('npm', install, { cwd: app })
  said = stdout + stderr
}, 240_000)
afterAll(() => rmSync(app, { recursive: true, force: true }))

test('it installs without a warning and without a script, and carries no tests and no sources', async () => {
  expect(said).not.toMatch(/warn|deprecated/i)
  // Where dynoxide has a binary, that is the third.
  expect(said).toMatch(/added [23] packages/)
  expect(readdirSync(installed).toSorted()).toEqual(
    [
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'docs',
      'package.json',
      'samples',
    ].toSorted(),
  )
  const readme = readFileSync(join(installed, 'README.md'), 'utf8')
  const linked = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path = '']) => path)
  expect(linked.length).toBeGreaterThan(20)
  expect(linked.filter((path) => !existsSync(join(installed, path)))).toEqual([])
  const notices = readFileSync(join(installed, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8')
  for (const name of ['viem', '@aws-sdk/client-dynamodb', 'dynalite', 'classic-level']) expect(notices).toContain(name)
  const { stdout } = await run('du', ['-sk', join(app, 'node_modules')])
  expect(Number.parseInt(stdout, 10)).toBeLessThan(30_000)
})

describe.each(versions)('on Node %s', (version) => {
  const node = nodeOf(version)

  test.each(['the binary', 'dynalite'])('baton start and baton status, with %s as its database', async (engine) => {
    const folder = mkdtempSync(join(app, 'chain-'))
    const args = engine === 'dynalite' ? ['--import', without('@dynoxide')] : []
    const started = spawn(node, [...args, baton, 'start', '--no-open', '--port', '0'], { cwd: folder })
    try {
      const page = await addressOf(started)
      const status = async () =>
        await run(node, [baton, 'status', '--json'], { cwd: folder }).then(
          ({ stdout, stderr }) => ({ stdout, stderr }),
          ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ stdout, stderr }),
        )
      let seen = await status()
      for (let i = 0; i < 60 && !/"condition": ?"ok"/.test(seen.stdout); i++) {
        await sleep(500)
        seen = await status()
      }
      expect(seen.stdout).toMatch(/"condition": ?"ok"/)
      expect(seen.stderr).toBe('')
      expect(await (await fetch(page)).text()).toMatch(/<title>[^<]*simulated<\/title>/)
      expect(readdirSync(join(folder, '.baton/simulated')).includes('baton.db.level')).toBe(
        engine === 'dynalite' || engineFor() === 'dynalite',
      )
    } finally {
      started.kill('SIGINT')
      expect(await once(started, 'exit')).toEqual([0, null])
    }
  })

  test('a foreign CDK app synthesises with the prebuilt functions', async () => {
    borrow('aws-cdk-lib', 'constructs')
    const out = join(app, `cdk.out-${version}`)
    writeFileSync(join(app, 'app.mjs'), foreignApp)
    const { stderr } = await run(node, ['app.mjs'], { cwd: app, env: { PATH: dirname(node), CDK_OUTDIR: out } })
    expect(stderr).toBe('')
    const template = JSON.parse(readFileSync(join(out, 'Chains.template.json'), 'utf8')) as Template
    const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function')
    const handlers = functions.map(({ Properties }) => {
      const bundle = readFileSync(join(out, `asset.${Properties.Code.S3Key.replace('.zip', '')}`, 'index.mjs'))
      return readdirSync(join(installed, 'dist/lambdas')).find((name) =>
        bundle.equals(readFileSync(join(installed, 'dist/lambdas', name, 'index.mjs'))),
      )
    })
    expect([...new Set(handlers)]).not.toContain(undefined)
    expect([...new Set(handlers)]).toEqual(
      expect.arrayContaining(['gate', 'conductor', 'archiver', 'announcer', 'monitor', 'act', 'widget', 'operation']),
    )
    expect(functions.every(({ Properties }) => Properties.Handler === 'index.handler')).toBe(true)
  })
})

test('its declarations describe it', async () => {
  borrow('aws-cdk-lib', 'constructs')
  writeFileSync(join(app, 'app.ts'), foreignTypes)
  const options = { strict: true, noEmit: true, module: 'nodenext', target: 'es2024', skipLibCheck: true, types: [] }
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['app.ts'] }))
  const compiler = join(dirname(resolve('typescript/package.json')), 'bin/tsc')
  const { stdout } = await run(process.execPath, [compiler, '-p', app]).catch((error: { stdout: string }) => error)
  expect(stdout).toBe('')
})

type Resource = {
  readonly Type: string
  readonly Properties: { readonly Handler: string; readonly Code: { readonly S3Key: string } }
}
type Template = { readonly Resources: Readonly<Record<string, Resource>> }

const settings = `{
  chain: { id: 901, name: 'my-rollup', blockTime: 2 },
  nodes: [
    { name: 'seq-a', zone: 'eu-west-1a', priority: 20, consensus: 'http://10.0.1.5:9545', execution: 'http://10.0.1.5:8545' },
    { name: 'seq-b', zone: 'eu-west-1b', priority: 10, consensus: 'http://10.0.2.5:9545', execution: 'http://10.0.2.5:8545' },
  ],
}`

const foreignApp = `import { App, Stack } from 'aws-cdk-lib'
import { Baton, BatonChain } from 'rollup-baton'
import { defaultPolicy } from 'rollup-baton/protocol'
import { parseConfig } from 'rollup-baton/config'

const app = new App()
const stack = new Stack(app, 'Chains', { env: { account: '000000000000', region: 'eu-west-1' } })
const baton = new Baton(stack, 'Baton', { gate: { kind: 'public-api' } })
const settings = ${settings}
new BatonChain(stack, 'Chain901', { baton, settings })
const nodes = settings.nodes.map((node) => ({ ...node, secrets: ['a secret of ' + node.name] }))
const { policy } = parseConfig(JSON.stringify({ ...settings, nodes }))
if (policy.leaseMs !== defaultPolicy(2000).leaseMs) throw new Error('two policies')
app.synth()
`

const foreignTypes = `import { App, Stack } from 'aws-cdk-lib'
import { Baton, BatonChain, type ChainSettings } from 'rollup-baton'
import { loadConfig } from 'rollup-baton/config'
import { decide, type Head, renderReason } from 'rollup-baton/protocol'

const stack = new Stack(new App(), 'Chains')
const baton = new Baton(stack, 'Baton', { parameters: '/baton/prod' })
const settings: ChainSettings = ${settings}
new BatonChain(stack, 'Chain901', { baton, settings })
const id: number = (await loadConfig('chain.json')).chain.id
export const number = (head: Head): bigint => head.number
export const words = (view: Parameters<typeof decide>[0]): string[] => decide(view).reasons.map(renderReason)
// @ts-expect-error a number is no prefix
new Baton(stack, 'Wrong', { parameters: id })
// @ts-expect-error a name is no Baton
new BatonChain(stack, 'Wrong', { baton: 'Baton', settings })
// @ts-expect-error a decision needs a view
decide()
`

/** Packages that the app has beside Baton: those of the clone, not downloaded again. */
function borrow(...names: string[]): void {
  for (const name of names) {
    rmSync(join(app, 'node_modules', name), { force: true })
    symlinkSync(dirname(resolve(`${name}/package.json`)), join(app, 'node_modules', name))
  }
}

/** A module after whose import no package of a scope can be found: another platform, as far as Baton sees. */
function without(scope: string): string {
  const file = join(app, 'without.mjs')
  mkdirSync(dirname(file), { recursive: true })
  const code = `import Module from 'node:module'
    const find = Module._resolveFilename
    Module._resolveFilename = (name, ...rest) => {
      if (name.startsWith('${scope}/')) throw new Error('there is no ' + name)
      return find(name, ...rest)
    }`
  writeFileSync(file, code)
  return file
}

async function addressOf(started: ChildProcess): Promise<string> {
  let text = ''
  for (const stream of [started.stdout, started.stderr]) stream?.on('data', (piece) => (text += String(piece)))
  for (let i = 0; i < 300; i++) {
    const [address] = /http:\/\/127\.0\.0\.1:\d+\//.exec(text) ?? []
    if (address !== undefined) return address
    if (started.exitCode !== null) break
    await sleep(100)
  }
  throw new Error(`baton start did not come up: ${text}`)
}
