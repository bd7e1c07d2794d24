// Calls every method of op-conductor with op-conductor's own client, in a fixed order, and prints what came back, one
// JSON object a line.
//
//	conductor-client LEADER STANDBY NODE TARGET
//
// LEADER, STANDBY: URLs of two nodes with an operator's secret. NODE: the first one's with its own. TARGET: the
// standby's name.
package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/ethereum/go-ethereum/rpc"

	conductor "github.com/ethereum-optimism/optimism/op-conductor/rpc"
	"github.com/ethereum-optimism/optimism/op-service/eth"
)

type line struct {
	Method string `json:"method"`
	At     string `json:"at"`
	Value  any    `json:"value"`
	Error  string `json:"error,omitempty"`
	Code   int    `json:"code,omitempty"`
}

var out = json.NewEncoder(os.Stdout)

func say(method, at string, value any, err error) {
	told := line{Method: method, At: at, Value: value}
	if err != nil {
		told.Error = err.Error()
		if coded, ok := err.(rpc.Error); ok {
			told.Code = coded.ErrorCode()
		}
	}
	if err := out.Encode(told); err != nil {
		panic(err)
	}
}

func dial(ctx context.Context, url string) *conductor.APIClient {
	client, err := rpc.DialContext(ctx, url)
	if err != nil {
		panic(err)
	}
	return conductor.NewAPIClient(client)
}

func getters(ctx context.Context, at string, c conductor.API) {
	leader, err := c.Leader(ctx)
	say("leader", at, leader, err)
	overridden, err := c.LeaderOverridden(ctx)
	say("leaderOverridden", at, overridden, err)
	paused, err := c.Paused(ctx)
	say("paused", at, paused, err)
	stopped, err := c.Stopped(ctx)
	say("stopped", at, stopped, err)
	active, err := c.Active(ctx)
	say("active", at, active, err)
	healthy, err := c.SequencerHealthy(ctx)
	say("sequencerHealthy", at, healthy, err)
	who, err := c.LeaderWithID(ctx)
	say("leaderWithID", at, who, err)
	members, err := c.ClusterMembership(ctx)
	say("clusterMembership", at, members, err)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	leader, standby, node := dial(ctx, os.Args[1]), dial(ctx, os.Args[2]), dial(ctx, os.Args[3])
	target := os.Args[4]

	getters(ctx, "leader", leader)
	getters(ctx, "standby", standby)
	getters(ctx, "node", node)

	say("pause", "leader", nil, leader.Pause(ctx))
	getters(ctx, "paused", standby)
	say("resume", "standby", nil, standby.Resume(ctx))
	say("stop", "standby", nil, standby.Stop(ctx))
	say("overrideLeader", "standby", true, standby.OverrideLeader(ctx, true))
	say("overrideLeader", "standby", false, standby.OverrideLeader(ctx, false))
	say("addServerAsVoter", "leader", nil, leader.AddServerAsVoter(ctx, "seq-d", "d:50050", 0))
	say("addServerAsNonvoter", "leader", nil, leader.AddServerAsNonvoter(ctx, "seq-d", "d:50050", 0))
	say("demoteVoter", "leader", nil, leader.DemoteVoter(ctx, target, 0))
	say("removeServer", "leader", nil, leader.RemoveServer(ctx, target, 0))
	made := &eth.ExecutionPayloadEnvelope{ExecutionPayload: &eth.ExecutionPayload{}}
	say("commitUnsafePayload", "leader", nil, leader.CommitUnsafePayload(ctx, made))
	say("commitUnsafePayload", "node", nil, node.CommitUnsafePayload(ctx, made))
	say("pause", "node", nil, node.Pause(ctx))

	say("transferLeader", "standby", nil, standby.TransferLeader(ctx))
	say("transferLeaderToServer", "leader", target, leader.TransferLeaderToServer(ctx, target, "x:50050"))
	for led := false; !led; time.Sleep(100 * time.Millisecond) {
		var err error
		if led, err = standby.Leader(ctx); err != nil {
			panic(err)
		}
	}
	getters(ctx, "moved", standby)
	say("transferLeader", "moved", nil, standby.TransferLeader(ctx))
}
