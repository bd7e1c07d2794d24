/** Environment variables, as `process.env` has them. */
export type Variables = Readonly<Record<string, string | undefined>>

/** What a request is signed with. */
export type Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** How a process that is no function gets to AWS. Each is found out when it is first asked for. */
export type AwsAccess = {
  readonly region: () => Promise<string>
  readonly credentials: () => Promise<Credentials>
  /** The value of a parameter, decrypted; `undefined` = there is none. */
  readonly parameter: (name: string) => Promise<string | undefined>
}
