import type { IInterfaceVpcEndpoint, IPeer, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2'

/** How op-nodes reach the gate. */
export type GateAccess =
  /** A private REST API: only through a VPC endpoint, whose id is given or which is created. */
  | {
      readonly kind: 'private-api'
      readonly vpc: IVpc
      readonly vpcSubnets: SubnetSelection
      /** Who may open connections to the endpoint that is created. Ignored for one that is given. */
      readonly clients: readonly IPeer[]
      /** An execute-api endpoint the VPC already has. Default: one is created, without private DNS. */
      readonly vpcEndpoint?: IInterfaceVpcEndpoint | undefined
    }
  /** A REST API on the internet, guarded by nothing but each node's secret: for emulators and experiments. */
  | {
      readonly kind: 'public-api'
      /** The address of the emulator that serves it, e.g. `http://127.0.0.1:4566`. Absent = AWS. */
      readonly emulator?: string | undefined
    }
