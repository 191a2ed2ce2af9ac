"""Wrong verification of drafts in lesson 6: what is accepted, and what comes next."""

from course.lessons.misconceptions import Misconception


def _one(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "accept_draft", sentence, changes, breaks)


_ACCEPTED = (
    _one(
        "compares_with_the_row_after",
        "You compare each token with the row that has read it; row n says what the model "
        "would have said in its place.",
        {"draft[n] == own[n]": "draft[n] == own[n + 1]"},
        "a_perfect_draft_costs_one_pass",
    ),
    _one(
        "counts_every_token_that_agrees",
        "You count all tokens that agree, also behind one that does not; what comes after "
        "a wrong token was read on a wrong prefix. Stop at the first.",
        {
            "while n < len(draft) and draft[n] == own[n]:\n        n += 1": "n = sum(int(a == b) for a, b in zip(draft, own))"
        },
        "longest_own_beginning_is_accepted",
    ),
    _one(
        "accepts_every_token_that_agrees",
        "You accept each token that agrees, also behind one that does not; what comes after a wrong token was read on a wrong prefix. Stop at the first.",
        {
            "return list(draft[:n]), int(own[n])": "agreed = [a for a, b in zip(draft, own) if a == b]\n    return agreed, int(own[n])",
        },
        "longest_own_beginning_is_accepted",
    ),
    _one(
        "accepts_the_next_token_as_well",
        "You put the next token behind what is accepted; it is returned beside it, as the second value.",
        {
            "return list(draft[:n]), int(own[n])": "return [*draft[:n], int(own[n])], int(own[n])",
        },
        "longest_own_beginning_is_accepted",
    ),
    _one(
        "leaves_out_the_last_accepted_token",
        "You leave out the last token that agrees; draft[:n] are n tokens.",
        {
            "return list(draft[:n]), int(own[n])": "return list(draft[: max(n - 1, 0)]), int(own[n])",
        },
        "a_perfect_draft_costs_one_pass",
    ),
    _one(
        "accepts_the_wrong_token_too",
        "You accept the first token that is not the model's own as well; stop before it.",
        {"list(draft[:n])": "list(draft[: n + 1])"},
        "longest_own_beginning_is_accepted",
    ),
    _one(
        "accepts_one_token_too_few",
        "You leave out the last token that agrees.",
        {
            "return list(draft[:n]), int(own[n])": "n = max(n - 1, 0)\n    return list(draft[:n]), int(own[n])"
        },
        "a_perfect_draft_costs_one_pass",
    ),
    _one(
        "accepts_the_whole_draft",
        "You accept the draft as it is; keep its longest beginning that is the model's own.",
        {"while n < len(draft) and draft[n] == own[n]:\n        n += 1": "n = len(draft)"},
        "longest_own_beginning_is_accepted",
    ),
    _one(
        "accepts_nothing",
        "You accept no token of the draft, which costs a pass for each; keep what agrees.",
        {"while n < len(draft) and draft[n] == own[n]:\n        n += 1": "n = 0"},
        "a_perfect_draft_costs_one_pass",
    ),
    _one(
        "accepts_all_or_nothing",
        "You accept the whole draft or none of it; keep the longest beginning that agrees.",
        {
            "while n < len(draft) and draft[n] == own[n]:\n        n += 1": "n = len(draft) if list(draft) == own[:-1].tolist() else 0"
        },
        "longest_own_beginning_is_accepted",
    ),
    _one(
        "accepts_likely_tokens",
        "You accept a token that is among the two likeliest; only the argmax is the model's own.",
        {
            "own = np.argmax(transformer_forward(context_vector, fed, params), axis=1)": "rows = transformer_forward(context_vector, fed, params)\n    own = "
            "np.argmax(rows, axis=1)\n    for i, token in enumerate(draft):\n        if token "
            "in np.argsort(-rows[i])[:2]:\n            own[i] = token"
        },
        "longest_own_beginning_is_accepted",
    ),
)

_NEXT = (
    _one(
        "takes_the_token_after_the_draft",
        "You return the token after the whole draft; next_token comes after what is accepted.",
        {"int(own[n])": "int(own[-1])"},
        "longest_own_beginning_is_accepted",
    ),
    _one(
        "takes_the_token_before",
        "You return the model's token of the row before; next_token is row n, after n "
        "accepted tokens.",
        {"int(own[n])": "int(own[n - 1])"},
        "longest_own_beginning_is_accepted",
    ),
    _one(
        "takes_the_token_after_the_next",
        "You return the model's token of the row after; next_token is row n, after n accepted tokens.",
        {
            "int(own[n])": "int(own[min(n + 1, len(own) - 1)])",
        },
        "longest_own_beginning_is_accepted",
    ),
    _one(
        "takes_the_drafts_next_token",
        "You return the draft's own next token; return the model's.",
        {"int(own[n])": "int([*draft, own[-1]][n])"},
        "longest_own_beginning_is_accepted",
    ),
    _one(
        "has_no_row_after_the_draft",
        "You run no row more than the draft has, so nothing comes after a perfect one; put "
        "one more token behind it, which is never fed.",
        {
            'fed = np.eye(len(params["b_out"]))[[*draft, 0]]': 'fed = np.eye(len(params["b_out"]))[list(draft) or [0]]',
            "own = np.argmax(transformer_forward(context_vector, fed, params), axis=1)": "own = np.argmax(transformer_forward(context_vector, fed, params), axis=1)\n    "
            "own = np.append(own, own[-1])",
        },
        "a_perfect_draft_costs_one_pass",
    ),
    _one(
        "has_no_row_for_the_next_token",
        "You run no row more than the draft has, and look for one after a perfect draft; put one more token behind it, which is never fed.",
        {
            "[[*draft, 0]]": "[np.array(draft, dtype=int)]",
        },
        "a_perfect_draft_costs_one_pass",
    ),
    _one(
        "shifts_the_draft_itself",
        "You put a token in front of the draft; transformer_forward shifts already.",
        {
            'fed = np.eye(len(params["b_out"]))[[*draft, 0]]': 'fed = np.eye(len(params["b_out"]))[[0, *draft]]'
        },
        "longest_own_beginning_is_accepted",
    ),
    _one(
        "takes_the_largest_of_each_column",
        "You take the argmax over the steps; each row has a token of its own: axis=1.",
        {
            "own = np.argmax(transformer_forward(context_vector, fed, params), axis=1)": "own = np.argmax(transformer_forward(context_vector, fed, params), axis=0)\n    "
            "own = np.resize(own, len(draft) + 1)"
        },
        "longest_own_beginning_is_accepted",
    ),
    _one(
        "cuts_a_draft_that_is_too_long",
        "You cut a draft that leaves no room; raise ValueError.",
        {
            'fed = np.eye(len(params["b_out"]))[[*draft, 0]]': 'draft = draft[: len(params["positions"]) - 1]\n    fed = '
            'np.eye(len(params["b_out"]))[[*draft, 0]]'
        },
        "a_draft_must_leave_room",
    ),
    _one(
        "cuts_the_draft_in_place",
        "You cut the draft itself, which belongs to the caller; return a new list.",
        {
            "return list(draft[:n]), int(own[n])": "next_token = int(own[n])\n    del draft[n:]\n    return draft, next_token"
        },
        "a_draft_changes_nothing",
    ),
    _one(
        "takes_the_last_of_equals",
        "Of several largest logits you take the last; take the first, as np.argmax finds it.",
        {
            "own = np.argmax(transformer_forward(context_vector, fed, params), axis=1)": "rows = transformer_forward(context_vector, fed, params)\n    own = rows.shape[1] "
            "- 1 - np.argmax(rows[:, ::-1], axis=1)"
        },
        "first_of_equals_in_a_draft",
    ),
)

MISCONCEPTIONS = (*_ACCEPTED, *_NEXT)
