import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const { app } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { app: string }

// A checkout as it is on a Mac: npm has installed everything but the binary of Node, which exists for Linux only.
let mac: string
beforeAll(() => {
  mac = mkdtempSync(join(tmpdir(), 'baton-mac-'))
  for (const name of ['bin', 'docs', 'lib', 'lambdas', 'samples', 'cdk.json', 'package.json', 'package-lock.json'])
    execFileSync('cp', ['-r', join(ROOT, name), mac])
  const modules = join(mac, 'node_modules')
  mkdirSync(join(modules, '.bin'), { recursive: true })
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (!name.startsWith('.') && !name.startsWith('node-linux'))
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  mkdirSync(join(mac, 'own'))
  symlinkSync(process.execPath, join(mac, 'own/node'))
})
afterAll(() => rmSync(mac, { recursive: true, force: true }))

/** Runs a program in a folder; `node` is the one of this test. */
function run(folder: string, program: string, ...args: string[]) {
  const env = {
    PATH: `${join(mac, 'own')}:/usr/bin:/bin`,
    HOME: mac,
    CDK_DISABLE_CLI_TELEMETRY: '1',
    CDK_VALIDATION: 'false',
  }
  return spawnSync(program, args, { cwd: folder, env, encoding: 'utf8' })
}

test('npx cdk synthesises with the Node of the machine where none was installed with the packages', () => {
  const cdk = join(ROOT, 'node_modules/aws-cdk/bin/cdk')
  const { stdout, stderr, status } = run(
    mac,
    'node',
    cdk,
    'list',
    '--no-notices',
    '-c',
    'config=samples/baton.config.json',
  )
  expect(stderr).not.toMatch(/not found|Error/)
  expect(status).toBe(0)
  expect(stdout.trim()).toBe('Baton-prod')
}, 120_000)

test('the app of cdk.json names a program that every machine with Node has, and no path to one', () => {
  expect(app.split(' ')[0]).toBe('node')
})

test('an older Node without another one says what to install', () => {
  const { stderr, status } = run(mac, 'node', '--no-experimental-strip-types', 'bin/app.mjs')
  expect(status).toBe(1)
  expect(stderr).toMatch(/^Node \d+\.\d+\.\d+ cannot run this app\.\nInstall Node 24, or 22\.18 or later/)
})

test('the command line on an older Node says the same', () => {
  const { stderr, status } = run(mac, 'node', '--no-experimental-strip-types', 'bin/baton.mjs', 'status')
  expect(status).toBe(1)
  expect(stderr).toMatch(/^Node \d+\.\d+\.\d+ cannot run baton\.\nInstall Node 24, or 22\.18 or later: https/)
})

test('an older Node hands the app to the one that npm installed', () => {
  const { stderr, status } = run(ROOT, 'node', '--no-experimental-strip-types', 'bin/app.mjs')
  // Reached: without a configuration file here, the app itself says what to write.
  expect(stderr).toContain('baton.config.json')
  expect(stderr).not.toContain('cannot run this app')
  expect(status).toBe(1)
})
