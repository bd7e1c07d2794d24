import type { ChainConfig } from '../lib/config/chain-config.ts'

/** A configuration whose store is known. */
export type PlacedConfig = ChainConfig & { readonly store: NonNullable<ChainConfig['store']> }
