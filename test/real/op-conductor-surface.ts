import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a version of op-conductor offers, each list sorted. */
export type Surface = { readonly methods: string[]; readonly flags: string[]; readonly metrics: string[] }

/** The namespace of each interface of `rpc/api.go`, as op-conductor's service registers it. */
const NAMESPACES: Readonly<Record<string, string>> = {
  API: 'conductor',
  ExecutionProxyAPI: 'eth',
  ExecutionMinerProxyAPI: 'miner',
  NodeProxyAPI: 'optimism',
  NodeAdminProxyAPI: 'admin',
}

/**
 * Reads the surface from op-conductor's source.
 *
 * @param source the folder of the optimism module.
 * @throws Error when an interface is there that is not known here: it may be one more proxy.
 */
export function readSurface(source: string): Surface {
  const read = (...path: string[]) => readFileSync(join(source, 'op-conductor', ...path), 'utf8')
  const interfaces = [...read('rpc', 'api.go').matchAll(/^type (\w+) interface \{\n(.*?)^\}/gms)]
  const methods = interfaces.flatMap(([, name = '', body = '']) => {
    const namespace = NAMESPACES[name]
    if (namespace === undefined) throw new Error(`rpc/api.go has an interface that is not known here: ${name}`)
    return [...body.matchAll(/^\t(\w)(\w*)\(/gm)].map(
      ([, first = '', rest = '']) => `${namespace}_${first.toLowerCase()}${rest}`,
    )
  })
  const named = (text: string) => [...text.matchAll(/^\t+Name: +"([^"]+)"/gm)].map(([, name = '']) => name)
  return {
    methods: methods.toSorted(),
    flags: named(read('flags', 'flags.go')).toSorted(),
    metrics: named(read('metrics', 'metrics.go')).toSorted(),
  }
}
