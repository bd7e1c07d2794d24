import packageJson from '../../package.json' with { type: 'json' }

/** Baton's version, put into the bundle. */
export const { version } = packageJson
