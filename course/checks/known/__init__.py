"""What is known of each exercise, and what is told of a function that is wrong, by its outputs.

A function is called with fixed inputs (`probes`); what each call shows is a `Feature`, all of them
are its `Fingerprint`. With what is right that makes an `Answer`. `diagnosis` asks the tellers in
turn; each gets the answer and what is told already, and tells of what is still unexplained:

1. `telling.mistakes`: a known mistake of the exercise gives just these outputs;
2. `telling.cells`: a new state that is not stored, a slip in a cell, or something that is done to
   the state of every cell;
3. `telling.coins`: which inputs a decoder was fed (`inputs` reads them), how its `coins` fell;
4. `telling.schedules`: by which formula (`schedules`) a schedule's numbers come;
5. `telling.properties`: what can be measured by further calls, where nothing known fits.

None is asked where the function calls another exercise of its notebook that is wrong: then that
one is told of in its place (`diagnosis`).

Where it is said that ...

========================================  =====================================
an argument or a weight has no influence  `properties.arguments`
a gate is wrong, or has no influence      `properties.gates`, `.blocks`
what came is a function of what is right  `properties.relations`, `.transforms`, `.vectors`
the result has another shape              `properties.shapes`
some rows are right and others are not    `properties.rows`, `.units`
numbers are nan, or grow without bound    `properties.finite`
teacher forcing is fed another vector     `properties.targets`
step 0 is fed another, or h is changed    `properties.starts`, `.shown`
scheduled sampling is fed another vector  `inputs.fed`, `coins.sampling`
the state is not carried on               `inputs.carried`, `properties.arguments`
a divergence is another one               `properties.divergences`
a loss hears what it must not             `properties.losses`
gradients are kept from growing           `properties.slopes`
gradients come by another formula         `properties.backward`
a loss is no mean, or of no softmax       `properties.shares`, `.scores`
a divergence's or a reward's gradient     `properties.experts`, `.rewards`
a forced pass is another one              `properties.passes`
a row of attention hears other rows       `properties.sight`
attention goes by another formula         `properties.attentions`
an LSTM's c begins as another             `telling.memory`
a gradient check asks at other points     `properties.differences`
a gradient check takes other norms        `properties.norms`
a batch is filled by another rule         `properties.batches`
a training step is another one            `properties.steps`, `.moves`
an interval is another one                `properties.intervals`
two states are in the wrong order         `telling.pairs`
two slips are made at once                `telling.twice`, `telling.parts`
a size may be the cause                   `telling.sizes`
it stops, or gives back no numbers        `properties.failures`
it calls what no cell has defined         `undefined`
refusals, defaults, changed arguments     `properties.manners`
coins have another rate, or a pattern     `coins.rates`, `coins.throws`
a star of paths is none, or not random    `stars`, a probe's observer
========================================  =====================================

A misconception is one entry of ``MISCONCEPTIONS`` in the ``misconceptions.py`` beside its lesson's
notebook; ``python3 -m course build golden`` keeps its outputs, and teller 1 knows it. Nothing here
is changed for it. A wrong answer that has a name of its own for the class report but no entry is
told by one of the others.
"""
