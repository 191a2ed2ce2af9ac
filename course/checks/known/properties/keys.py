"""What each argument and each weight does, in words."""

#: What each key does, said where it has no influence.
DOES = {
    "W_xh": "it takes the input into the cell, W_xh @ x_t + b_xh",
    "W_hh": "it takes the old state into the cell, W_hh @ h + b_hh",
    "b_xh": "it is added to W_xh @ x_t",
    "b_hh": "it is added to W_hh @ h",
    "W_hy": "each row is W_hy @ h + b_y",
    "b_y": "each row is W_hy @ h + b_y",
    "x_start": "it is the input of step 0",
    "context_vector": "it is the first hidden state",
    "target_seq": "target_seq[t-1] is the input of step t > 0",
    "x_t": "it enters by W_xh @ x_t",
    "h_prev": "it enters by W_hh @ h_prev",
    "c_prev": "the new c is f * c_prev + i * g",
    "logits_true": "p is its softmax, and p weighs each term",
    "logits_own": "q is its softmax, in log p - log q",
    "W_q": "queries are x @ W_q.T",
    "W_k": "keys are x @ W_k.T",
    "W_v": "values are x @ W_v.T, and each row is a weighted sum of them",
    "W_o": "it maps the weighted sum of values",
    "W_in": "each position starts as W_in @ input + ...",
    "W_context": "W_context @ context_vector is added at every position",
    "positions": "positions[t] is added at position t",
    "W_out": "each row is W_out @ rms(x) + b_out",
    "b_out": "each row is W_out @ rms(x) + b_out",
}

#: What is done otherwise in a transformer, which has no state.
DOES_IN_TRANSFORMERS = {
    "x_start": "it is the input of position 0",
    "context_vector": "W_context @ context_vector is added at every position",
    "target_seq": "target_seq[t-1] is the input of position t > 0",
}
