"""The embedded AWS: many accounts on loopback for the demo, the tests and the benchmarks.

One process serves moto's server application and adds what moto has not: a ledger of every call, latency, faults,
late visibility, the rules by which AWS refuses, and deliveries across accounts. Nothing in the collection knows it.
What is added is our reading of AWS's documentation, named in each rule; a test that rests on it proves consistency.
"""
