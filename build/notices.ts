import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** The licences of the packages whose code is in the bundles, with the texts that they demand to be passed on. */
export function notices(root: string, metafiles: readonly Metafile[]): string {
  const folders = new Set(
    metafiles.flatMap(({ inputs }) => Object.keys(inputs).flatMap((file) => folderOf(file) ?? [])),
  )
  const entries = [...folders].map((folder) => entryOf(join(root, folder)))
  const sorted = [...new Set(entries)].toSorted((a, b) => a.localeCompare(b))
  return `Baton's bundles contain code of these packages.\n\n${sorted.join(`\n${'-'.repeat(80)}\n\n`)}`
}

function folderOf(file: string): string | undefined {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]
}

function entryOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly version: string
    readonly license?: string
  }
  const file = existsSync(folder) ? readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each)) : undefined
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  return `${name} ${version} (${license ?? 'see below'})\n${text}`
}
