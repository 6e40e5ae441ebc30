"""The truth about jobs, in Postgres: what was accepted, what runs, what runs again, what ended and how.

Every function works inside a transaction that its caller holds. A row lock on the job is taken before its stages are
touched, so that concurrent workers, cancellations and sweeps see each other in order and never deadlock.

    requests   what callers ask: create, get, list, cancel, delete
    work       what workers do: claim, renew, add segments, finish, fail, hand back
    upkeep     what the dispatcher does: relay hints, sweep dead leases, end overdue jobs, forget old ones
    tenants    who may ask: API keys and limits
    watch      changes as they happen (LISTEN / NOTIFY)
"""
