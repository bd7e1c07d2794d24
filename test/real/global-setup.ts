import { build } from './build.ts'

/** Vitest calls it once before the first file: the programs are there before two devnets want them. */
export const setup = (): Promise<void> => build()
