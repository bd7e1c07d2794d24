import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

/** `readFileSync(new URL('./FILE', import.meta.url), 'utf8')` becomes the text itself. */
export const inlineTexts: Plugin = {
  name: 'inline texts',
  setup({ onLoad }) {
    onLoad({ filter: /\/lib\/.*\.ts$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8').replace(
        /readFileSync\(new URL\('(\.\/[^']+)', import\.meta\.url\), 'utf8'\)/g,
        (_, file: string) => JSON.stringify(readFileSync(join(dirname(path), file), 'utf8')),
      )
      return { contents, loader: 'ts' }
    })
  },
}

/** dynalite names the files of its operations at run time, without their ending, which a bundler needs. */
export const requireByFullName: Plugin = {
  name: 'require by full name',
  setup({ onLoad }) {
    onLoad({ filter: /\/dynalite\/index\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/require\(('[^']+\/') \+ action\)/g, "require($1 + action + '.js')"),
    }))
  },
}
