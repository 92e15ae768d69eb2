"""Training: pairs to a LoRA adapter by TRL and PEFT, and the adapter to files that the embedded engine serves.

data → rows (export) → lengths → plan → stages (SFT, then DPO, ORPO or SimPO) → adapter → merged model → GGUF

Importing this room loads no torch: what needs it imports it when it is called.
"""
