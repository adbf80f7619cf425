"""The exam of judges: who may stop a change."""
