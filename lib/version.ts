import packageJson from '../package.json' with { type: 'json' }

/** Baton's version; a bundle carries it. */
export const { version } = packageJson
