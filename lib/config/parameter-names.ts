/** The SSM Parameter Store paths of the chains' configuration, shared by code and template. */
export type ParameterNames = {
  /** A String: the configuration as JSON, without secrets. */
  readonly config: string
  /** A String: the re-sequencing configuration of a cdk-erigon chain, as JSON. */
  readonly resequence: string
  /** A SecureString: a JSON list of the one or two secrets of a node. CloudFormation cannot write it. */
  secrets(node: string): string
  /** A SecureString: a JSON list of the one or two secrets of a role, e.g. `operators`. Missing = that role has no callers. */
  role(role: string): string
  /** A SecureString: the secret of a node's engine API, as in its `jwt.hex`. */
  jwt(node: string): string
}

/** The parameters of one chain under a prefix such as `/baton/prod`. */
export function parameterNames(prefix: string, chain: string): ParameterNames {
  const root = `${prefix}/chains/${chain}`
  return {
    config: `${root}/config`,
    resequence: `${root}/resequence`,
    secrets: (node) => `${root}/nodes/${node}/secrets`,
    role: (role) => `${root}/gate/${role}`,
    jwt: (node) => `${root}/nodes/${node}/jwt`,
  }
}

/**
 * A String beside the chains: this Baton's tables and bucket, in the format of a configuration file's `store` field.
 */
export function storeParameter(prefix: string): string {
  return `${prefix}/store`
}
