"""The support classifier in the making: pairs by rule, training, fit, and the trial of how it reads."""
