"""Wrong stars of paths in lesson 7: names, edges, goals, paths, and what is left to chance."""

from course.lessons.misconceptions import Misconception

_NODES = "n_nodes = 1 + arms * (length - 1)"
_REFUSED = "if arms < 1 or length < 2 or labels < n_nodes:"
_NAMES = "centre, *names = rng.permutation(labels)[:n_nodes].tolist()"
_DRAWN = "rng.permutation(labels)[:n_nodes].tolist()"
_DEALT = "*names[k::arms]"
_EDGES = "edges = [chain[i : i + 2] for chain in chains for i in range(length - 1)]"
_EDGE = "chain[i : i + 2]"
_PATH = "path = chains[rng.integers(arms)]"
_RETURN = "return rng.permutation(np.array(edges)), path[-1], path"
_SHUFFLED = "rng.permutation(np.array(edges))"


def _star(name: str, sentence: str, changes: dict[str, str], *breaks: str) -> Misconception:
    return Misconception(name, "path_star", sentence, changes, breaks)


_OF_NAMES = (
    _star(
        "gives_two_nodes_one_name",
        "You draw the names one by one from all of them, so two nodes may get the same; draw "
        "without replacement, rng.permutation(labels)[:n].",
        {_DRAWN: "rng.integers(labels, size=n_nodes).tolist()"},
        "names_are_different_and_below_labels",
    ),
    _star(
        "begins_names_at_1",
        "Your names are 1 to labels; they are the whole numbers below labels, from 0 on.",
        {_DRAWN: "(1 + rng.permutation(labels)[:n_nodes]).tolist()"},
        "names_are_different_and_below_labels",
    ),
    _star(
        "shuffles_only_as_many_names_as_nodes",
        "You shuffle the numbers below the number of nodes, so larger names never occur; choose "
        "from all of range(labels).",
        {_DRAWN: "rng.permutation(n_nodes).tolist()"},
        "names_are_drawn_at_random",
    ),
    _star(
        "leaves_names_in_rising_order",
        "You choose names by chance and give them out in rising order, so the centre has the "
        "smallest; leave them in random order.",
        {_DRAWN: "sorted(rng.permutation(labels)[:n_nodes].tolist())"},
        "names_are_drawn_at_random",
    ),
    _star(
        "numbers_nodes_in_order",
        "Your nodes are 0, 1, 2, ... in order, so the centre is always 0; draw their names at "
        "random from range(labels).",
        {_DRAWN: "list(range(n_nodes))"},
        "names_are_drawn_at_random",
    ),
    _star(
        "leaves_names_with_shuffle_off",
        "With shuffle=False rng.choice chooses at random and leaves an order that is not; leave "
        "shuffle on.",
        {_DRAWN: "rng.choice(labels, n_nodes, replace=False, shuffle=False).tolist()"},
        "names_are_drawn_at_random",
    ),
    _star(
        "never_uses_the_last_name",
        "You choose from labels - 1 names, and the last one never occurs; rng.permutation(labels) "
        "has all of them, and rng.integers(labels) never gives labels itself.",
        {_DRAWN: "(rng.permutation(max(labels - 1, n_nodes))[:n_nodes]).tolist()"},
        "names_are_drawn_at_random",
    ),
    _star(
        "deals_names_to_several_arms",
        "Your arms share names, so they meet; give each arm the next length - 1 names, and none "
        "twice.",
        {_DEALT: "*names[k : k + length - 1]"},
        "names_are_different_and_below_labels",
        "edges_lead_away_from_one_centre",
    ),
)

_OF_EDGES = (
    _star(
        "points_edges_to_the_centre",
        "Your edges point to the centre; each is (from, to), away from it.",
        {_EDGE: "[chain[i + 1], chain[i]]"},
        "edges_lead_away_from_one_centre",
    ),
    _star(
        "has_each_edge_both_ways",
        "You have each edge in both directions; one is enough, (from, to), away from the centre.",
        {_RETURN: "edges += [edge[::-1] for edge in edges]\n    " + _RETURN},
        "a_star_is_edges_goal_and_path",
        "edges_lead_away_from_one_centre",
    ),
    _star(
        "joins_every_node_to_the_centre",
        "All of your edges begin at the centre; along an arm each begins at the node that the one "
        "before leads to.",
        {_EDGE: "[centre, chain[i + 1]]"},
        "edges_lead_away_from_one_centre",
    ),
    _star(
        "counts_length_without_the_centre",
        "Your paths have length edges, and so a node too many; length counts the nodes, the centre "
        "among them.",
        {_NODES: "n_nodes = 1 + arms * length", _EDGES: _EDGES.replace("length - 1", "length")},
        "a_star_is_edges_goal_and_path",
    ),
    _star(
        "leaves_the_last_edges_out",
        "Your arms lack their last edge, so no edge leads to the goal; an arm of length nodes has "
        "length - 1 edges.",
        {_EDGES: _EDGES.replace("length - 1", "length - 2")},
        "a_star_is_edges_goal_and_path",
    ),
    _star(
        "returns_edges_as_a_list",
        "Your edges are a list; make an array of them, np.array(edges).",
        {_SHUFFLED: "rng.permutation(np.array(edges)).tolist()"},
        "a_star_is_edges_goal_and_path",
    ),
    _star(
        "returns_edges_as_floats",
        "Your edges are floats, as np.zeros makes them; nodes are whole numbers, dtype=int.",
        {_SHUFFLED: "rng.permutation(np.array(edges, dtype=float))"},
        "a_star_is_edges_goal_and_path",
    ),
    _star(
        "leaves_edges_in_order",
        "Your edges come arm by arm, each from the centre on; shuffle the edges of all arms "
        "together, rng.permutation(np.array(edges)).",
        {_SHUFFLED: "np.array(edges)"},
        "edges_come_in_random_order",
    ),
    _star(
        "sorts_edges",
        "Your edges are sorted by their names; leave them in random order.",
        {_SHUFFLED: "np.array(sorted(edges))"},
        "edges_come_in_random_order",
    ),
    _star(
        "shuffles_within_arms",
        "You shuffle the edges of each arm by itself, so arms stay together; shuffle the edges of "
        "all arms together.",
        {
            _SHUFFLED: "np.concatenate([rng.permutation(one) for one in np.split(np.array(edges), "
            "arms)])"
        },
        "edges_come_in_random_order",
    ),
    _star(
        "shuffles_from_and_to_apart",
        "You shuffle the two columns of the edges by themselves, which makes other edges; shuffle "
        "whole rows, rng.permutation(edges).",
        {_SHUFFLED: "rng.permuted(np.array(edges), axis=0)"},
        "edges_lead_away_from_one_centre",
    ),
)

_OF_GOALS = (
    _star(
        "has_the_centre_as_its_goal",
        "Your goal is the centre, where the path begins; it is the node where it ends, path[-1].",
        {_RETURN: _RETURN.replace("path[-1]", "path[0]")},
        "goal_ends_one_arm",
    ),
    _star(
        "has_the_second_node_as_its_goal",
        "Your goal is the first node after the centre, which gives the answer away; it is the last "
        "one of the path.",
        {_RETURN: _RETURN.replace("path[-1]", "path[1]")},
        "goal_ends_one_arm",
    ),
    _star(
        "chooses_goal_and_path_apart",
        "You choose one arm for the goal and another for the path; choose once, and read both off "
        "the same arm.",
        {_RETURN: _RETURN.replace("path[-1]", "chains[rng.integers(arms)][-1]")},
        "path_leads_from_centre_to_goal",
    ),
    _star(
        "takes_the_arm_with_the_lowest_end",
        "Your goal is always the end with the smallest name; choose the arm by chance, "
        "rng.integers(arms).",
        {_PATH: "path = min(chains, key=lambda chain: chain[-1])"},
        "each_arm_is_as_likely",
    ),
    _star(
        "takes_the_arm_that_is_told_first",
        "Your goal is always on the arm whose first edge stands first; choose the arm by chance, "
        "and shuffle the edges apart from that.",
        {
            _RETURN: "edges = rng.permutation(np.array(edges))\n"
            "    first = edges[edges[:, 0] == centre][0, 1]\n"
            "    path = next(chain for chain in chains if chain[1] == first)\n"
            "    return edges, path[-1], path"
        },
        "each_arm_is_as_likely",
    ),
    _star(
        "leaves_the_centre_out_of_the_path",
        "Your path begins after the centre; the centre is its first node, and counts in length.",
        {_RETURN: _RETURN + "[1:]"},
        "a_star_is_edges_goal_and_path",
        "path_leads_from_centre_to_goal",
    ),
    _star(
        "leaves_the_goal_out_of_the_path",
        "Your path ends before the goal; the goal is its last node, and counts in length.",
        {_RETURN: _RETURN + "[:-1]"},
        "a_star_is_edges_goal_and_path",
        "path_leads_from_centre_to_goal",
    ),
    _star(
        "writes_the_path_backwards",
        "Your path leads from the goal to the centre, which is the easy direction; begin with the "
        "centre.",
        {_RETURN: _RETURN + "[::-1]"},
        "path_leads_from_centre_to_goal",
    ),
    _star(
        "returns_path_before_goal",
        "You return the path before the goal; the order is edges, goal, path.",
        {_RETURN: f"return {_SHUFFLED}, path, path[-1]"},
        "a_star_is_edges_goal_and_path",
    ),
    _star(
        "returns_edges_and_path_alone",
        "You return no goal; three things are asked for, edges, goal, path.",
        {_RETURN: f"return {_SHUFFLED}, path"},
        "a_star_is_edges_goal_and_path",
    ),
)

_OF_CHANCE = (
    _star(
        "makes_a_generator_of_its_own",
        "Your chance comes from elsewhere than rng, from a generator of your own or from Python's "
        "random, so no run can be repeated; draw all of it from rng.",
        {_NAMES: f"rng = np.random.default_rng()\n    {_NAMES}"},
        "equal_generators_give_equal_stars",
    ),
    _star(
        "seeds_a_generator_in_each_call",
        "Each star is the first one again, as where a generator is seeded in each call, or nothing "
        "is drawn at all; draw from rng, which goes on.",
        {_NAMES: f"rng = np.random.default_rng(0)\n    {_NAMES}"},
        "equal_generators_give_equal_stars",
        "names_are_drawn_at_random",
    ),
    _star(
        "draws_from_a_copy_of_the_generator",
        "You draw from a copy of rng, which itself stays where it was, so each star is the first "
        "one again; draw from rng itself.",
        {
            _NAMES: "bits = type(rng.bit_generator)()\n    bits.state = rng.bit_generator.state\n"
            f"    rng = np.random.Generator(bits)\n    {_NAMES}"
        },
        "equal_generators_give_equal_stars",
    ),
    _star(
        "makes_stars_of_too_few_labels",
        "You make something where there are fewer labels than nodes; raise ValueError before you "
        "draw, where labels is below 1 + arms * (length - 1).",
        {_REFUSED: "if arms < 1 or length < 2:"},
        "a_star_that_cannot_be_raises",
    ),
    _star(
        "makes_arms_of_one_node",
        "With length 1 you return a centre without an arm; raise ValueError where length is below "
        "2.",
        {_REFUSED: "if arms < 1 or labels < n_nodes:"},
        "a_star_that_cannot_be_raises",
    ),
    _star(
        "asks_for_a_label_too_many",
        "You refuse exactly as many labels as there are nodes, which is enough; raise ValueError "
        "only where there are fewer.",
        {_REFUSED: "if arms < 1 or length < 2 or labels <= n_nodes:"},
        "names_are_different_and_below_labels",
    ),
    _star(
        "counts_the_centre_in_each_arm",
        "You count the centre once for each arm, and refuse labels that are enough; there are "
        "1 + arms * (length - 1) nodes.",
        {_REFUSED: "if arms < 1 or length < 2 or labels < arms * length:"},
        "names_are_different_and_below_labels",
    ),
)

MISCONCEPTIONS = (*_OF_NAMES, *_OF_EDGES, *_OF_GOALS, *_OF_CHANCE)
