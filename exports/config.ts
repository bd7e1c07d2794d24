/** The configuration of a chain: read, validated, and completed with its defaults. */
export { type ChainConfig, deriveProtocol, loadConfig, parseConfig, type Serves } from '../lib/config/chain-config.ts'
export { ConfigurationError, type ConfigurationProblem } from '../lib/config/error.ts'
export { type ParameterNames, parameterNames, storeParameter } from '../lib/config/parameter-names.ts'
