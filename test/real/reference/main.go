// Command reference prints, as JSON, a block of each fork as an execution client answers it and as the payload
// op-node makes of it, both checked by optimism's own code: what Baton's hashes and payloads are compared with.
package main

import (
	"encoding/binary"
	"encoding/json"
	"log"
	"math/big"
	"os"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/consensus/misc/eip1559"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rlp"
	"github.com/ethereum/go-ethereum/trie"
	"github.com/holiman/uint256"

	optypes "github.com/ethereum-optimism/optimism/op-core/types"
	"github.com/ethereum-optimism/optimism/op-service/eth"
	"github.com/ethereum-optimism/optimism/op-service/sources"
)

// Each fork with what it adds to a block, from the older to the newer.
type fork struct {
	name      string
	extraData string
	isthmus   bool // the withdrawals root is the message passer's, and there is a requests hash
	daBytes   bool // blobGasUsed is the data-availability footprint
	postExec  bool // the last transaction is one of type 0x7d
	amsterdam bool // fields no OP Stack block has so far
}

var forks = []fork{
	{name: "ecotone"},
	{name: "fjord"},
	{name: "granite"},
	{name: "holocene", extraData: "0x00000000fa00000006"},
	{name: "isthmus", extraData: "0x00000000fa00000006", isthmus: true},
	{name: "jovian", extraData: "0x01000000fa0000000600000000000186a0", isthmus: true, daBytes: true},
	{name: "karst", extraData: "0x01000000fa0000000600000000000186a0", isthmus: true, daBytes: true},
	{name: "lagoon", extraData: "0x01000000fa0000000600000000000186a0", isthmus: true, daBytes: true, postExec: true},
	{name: "amsterdam", extraData: "0x01000000fa0000000600000000000186a0", isthmus: true, daBytes: true, amsterdam: true},
}

// A trie of transactions changes its shape at 16 and at 128 of them.
var sizes = map[string]int{"granite": 20, "karst": 140}

type fixture struct {
	Fork     string                        `json:"fork"`
	Block    *sources.RPCBlock             `json:"block"`
	Envelope *eth.ExecutionPayloadEnvelope `json:"envelope,omitempty"`
	// What op-node would have the engine build next, of the first transaction alone, two seconds later.
	Attributes *eth.PayloadAttributes `json:"attributes,omitempty"`
}

func main() {
	var fixtures []fixture
	for i, fork := range forks {
		block := makeBlock(uint64(1_000+i), fork)
		check(block.Verify())
		made := fixture{Fork: fork.name, Block: block}
		if !fork.amsterdam {
			envelope, err := block.ExecutionPayloadEnvelope(false)
			check(err)
			if actual, ok := envelope.CheckBlockHash(); !ok {
				log.Fatalf("%s: the payload hashes to %s, the block to %s", fork.name, actual, block.Hash)
			}
			made.Envelope = envelope
			made.Attributes = nextAttributes(envelope)
		}
		fixtures = append(fixtures, made)
	}
	check(json.NewEncoder(os.Stdout).Encode(fixtures))
}

func makeBlock(number uint64, fork fork) *sources.RPCBlock {
	count := 6
	if size, ok := sizes[fork.name]; ok {
		count = size
	}
	transactions := makeTransactions(number, count, fork)
	noWithdrawals := types.Withdrawals{}
	withdrawalsRoot := types.EmptyWithdrawalsHash
	blobGas, excess := hexutil.Uint64(0), hexutil.Uint64(0)
	if fork.daBytes {
		blobGas = 123_456
	}
	header := sources.RPCHeader{
		ParentHash:       some("parent", number),
		UncleHash:        types.EmptyUncleHash,
		Coinbase:         common.HexToAddress("0x4200000000000000000000000000000000000011"),
		Root:             some("state", number),
		TxHash:           types.DeriveSha(transactions, trie.NewStackTrie(nil)),
		ReceiptHash:      some("receipts", number),
		Bloom:            eth.Bytes256{0: 0x80, 255: 0x01},
		Number:           hexutil.Uint64(number),
		GasLimit:         60_000_000,
		GasUsed:          21_000 * hexutil.Uint64(count),
		Time:             hexutil.Uint64(1_700_000_000 + 2*number),
		Extra:            hexutil.Bytes(common.FromHex(fork.extraData)),
		MixDigest:        some("randao", number),
		BaseFee:          (*hexutil.Big)(big.NewInt(252)),
		WithdrawalsRoot:  &withdrawalsRoot,
		BlobGasUsed:      &blobGas,
		ExcessBlobGas:    &excess,
		ParentBeaconRoot: ptr(some("beacon", number)),
	}
	if fork.isthmus {
		header.WithdrawalsRoot = ptr(some("message passer", number))
		header.RequestsHash = &types.EmptyRequestsHash
	}
	if fork.amsterdam {
		header.BlockAccessListHash = ptr(some("accesses", number))
		header.SlotNumber = ptr(hexutil.Uint64(number))
	}
	header.Hash = header.CreateGethHeader().Hash()
	return &sources.RPCBlock{RPCHeader: header, Transactions: transactions, Withdrawals: &noWithdrawals}
}

func nextAttributes(on *eth.ExecutionPayloadEnvelope) *eth.PayloadAttributes {
	payload := on.ExecutionPayload
	attributes := &eth.PayloadAttributes{
		Timestamp:             payload.Timestamp + 2,
		PrevRandao:            payload.PrevRandao,
		SuggestedFeeRecipient: payload.FeeRecipient,
		Withdrawals:           payload.Withdrawals,
		ParentBeaconBlockRoot: on.ParentBeaconBlockRoot,
		Transactions:          payload.Transactions[:1],
		NoTxPool:              true,
		GasLimit:              &payload.GasLimit,
	}
	if len(payload.ExtraData) > 0 {
		denominator, elasticity, minBaseFee := eip1559.DecodeJovianExtraData(payload.ExtraData)
		params := eth.Bytes8(eip1559.EncodeHolocene1559Params(denominator, elasticity))
		attributes.EIP1559Params, attributes.MinBaseFee = &params, minBaseFee
	}
	return attributes
}

// A deposit that sets the L1 values, one that mints, and signed ones of every type the fork has.
func makeTransactions(number uint64, count int, fork fork) sources.RawTransactions {
	to := common.HexToAddress("0x4200000000000000000000000000000000000015")
	raw := sources.RawTransactions{
		encode(&optypes.DepositTx{
			SourceHash: some("l1 info", number), From: common.HexToAddress("0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001"),
			To: &to, Value: big.NewInt(0), Gas: 1_000_000, Data: append([]byte{0x3d, 0xb6, 0xbe, 0x2b}, make([]byte, 174)...),
		}),
		encode(&optypes.DepositTx{
			SourceHash: some("user deposit", number), From: common.HexToAddress("0x1000000000000000000000000000000000000001"),
			Mint: big.NewInt(7), Value: big.NewInt(7), Gas: 100_000, Data: []byte{0x60, 0x00},
		}),
	}
	key, err := crypto.ToECDSA(some("key", 0).Bytes())
	check(err)
	signer := types.LatestSignerForChainID(big.NewInt(901))
	for i := range count {
		nonce := uint64(i)
		list := types.AccessList{{Address: to, StorageKeys: []common.Hash{some("slot", nonce)}}}
		chain, fee, tip := uint256.NewInt(901), uint256.NewInt(1_000), uint256.NewInt(1)
		var tx *types.Transaction
		switch i % 6 {
		case 0:
			tx = types.MustSignNewTx(key, types.HomesteadSigner{}, &types.LegacyTx{Nonce: nonce, GasPrice: big.NewInt(9), Gas: 21_000, To: &to})
		case 1:
			tx = types.MustSignNewTx(key, signer, &types.LegacyTx{Nonce: nonce, GasPrice: big.NewInt(9), Gas: 53_000, Data: []byte{0x00}})
		case 2:
			tx = types.MustSignNewTx(key, signer, &types.AccessListTx{ChainID: big.NewInt(901), Nonce: nonce, GasPrice: big.NewInt(9), Gas: 30_000, To: &to, Value: big.NewInt(1), AccessList: list})
		case 3:
			tx = types.MustSignNewTx(key, signer, &types.DynamicFeeTx{ChainID: big.NewInt(901), Nonce: nonce, GasTipCap: big.NewInt(1), GasFeeCap: big.NewInt(1_000), Gas: 40_000, To: &to, Data: some("data", nonce).Bytes()})
		case 4:
			tx = types.MustSignNewTx(key, signer, &types.DynamicFeeTx{ChainID: big.NewInt(901), Nonce: nonce, GasTipCap: big.NewInt(0), GasFeeCap: big.NewInt(1_000), Gas: 40_000, Value: big.NewInt(0), AccessList: list})
		default:
			if !fork.isthmus {
				continue
			}
			authorization, err := types.SignSetCode(key, types.SetCodeAuthorization{ChainID: *chain, Address: to, Nonce: nonce})
			check(err)
			tx = types.MustSignNewTx(key, signer, &types.SetCodeTx{ChainID: chain, Nonce: nonce, GasTipCap: tip, GasFeeCap: fee, Gas: 60_000, To: to, Value: uint256.NewInt(0), AuthList: []types.SetCodeAuthorization{authorization}})
		}
		raw = append(raw, encode(tx))
	}
	if fork.postExec {
		entries := []optypes.SDMGasEntry{{Index: 3, GasRefund: 7}, {Index: 5, GasRefund: 4_800}}
		payload := &optypes.PostExecPayload{Version: 1, BlockNumber: number, GasRefundEntries: entries}
		data, err := rlp.EncodeToBytes(payload)
		check(err)
		raw = append(raw, encode(&optypes.PostExecTx{Data: data}))
	}
	return raw
}

// A hash that looks like any other and is the same each time.
func some(what string, number uint64) common.Hash {
	return crypto.Keccak256Hash([]byte(what), binary.BigEndian.AppendUint64(nil, number))
}

func encode(tx interface{ MarshalBinary() ([]byte, error) }) sources.RawTransaction {
	raw, err := tx.MarshalBinary()
	check(err)
	return raw
}

func ptr[T any](value T) *T { return &value }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
