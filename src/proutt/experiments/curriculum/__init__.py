"""UPC's iterative curriculum (4.3, Algorithm 2): corpus, selection, training, validation, again and again.

selection   which dialogues of a corpus are trained on, and who is talked with next; pure
stopping    when it ends, and which iteration is the result; pure
pieces      what an iteration is made of, each piece a stage in a folder of the iteration
training    the piece that a command of the user's own does
loop        the iterations, as one stage of an experiment
account     what came of it: curriculum.json
figure      the paper's figure 5
"""
