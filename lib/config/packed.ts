import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import * as v from 'valibot'

const schema = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string()))

/** Configurations as JSON, by chain id. */
export type Configurations = Readonly<Record<string, string>>

/** Packs configurations into the text of an environment variable: a function reads it without a network. */
export function packConfigurations(byChain: Configurations): string {
  return brotliCompressSync(JSON.stringify(byChain)).toString('base64')
}

/** @throws when it is not what {@link packConfigurations} made. */
export function unpackConfigurations(text: string): Configurations {
  return v.parse(schema, brotliDecompressSync(Buffer.from(text, 'base64'), { maxOutputLength: 1 << 20 }).toString())
}
