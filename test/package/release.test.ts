import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'baton-release-'))
afterAll(() => rmSync(folder, { recursive: true }))

function notes(tag: string, changelog: string) {
  cpSync(join(root, 'build/release-notes.ts'), join(folder, 'build/release-notes.ts'))
  writeFileSync(join(folder, 'package.json'), '{ "version": "1.2.0", "type": "module" }')
  writeFileSync(join(folder, 'CHANGELOG.md'), changelog)
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'build/release-notes.ts'), tag])
  return { status, stdout: String(stdout), stderr: String(stderr) }
}

const changelog = '# Changelog\n\n## 1.2.0 – 2026-12-01\n\n### Added\n\n- this\n\n## 1.1.0 – 2026-11-01\n\n- that\n'

test('a release is what the changelog says of its version', () => {
  expect(notes('v1.2.0', changelog)).toMatchObject({ status: 0, stdout: '### Added\n\n- this\n' })
})

test.each([
  ['another tag than package.json has', 'v1.1.0', changelog, 'not v1.2.0'],
  ['a version without a date', 'v1.2.0', changelog.replace('2026-12-01', 'unreleased'), 'no heading "## 1.2.0'],
  ['a version that the changelog leaves out', 'v1.2.0', '# Changelog\n', 'no heading "## 1.2.0'],
])('no release of %s', (_, tag, text, why) => {
  expect(notes(tag, text)).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining(why) })
})

test('only a tag publishes, with provenance, after the test of the package', () => {
  const { on, permissions, jobs } = parse(readFileSync(join(root, '.github/workflows/release.yml'), 'utf8'))
  expect(on).toEqual({ push: { tags: ['v*'] } })
  expect(permissions).toEqual({})
  expect(jobs.package.permissions['id-token']).toBe('write')
  const steps = (jobs.package.steps as { run?: string }[]).flatMap(({ run = '' }) => run.split('\n'))
  const at = (words: string) => steps.findIndex((step) => step.startsWith(words))
  expect(at('npm run test:package')).toBeGreaterThan(0)
  expect(at('npm publish')).toBeGreaterThan(at('npm run test:package'))
  const { publishConfig, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(publishConfig).toEqual({ access: 'public', provenance: true })
  const used = [...JSON.stringify(jobs).matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name)
  expect(used.filter((name) => scripts[name] === undefined)).toEqual([])
})
