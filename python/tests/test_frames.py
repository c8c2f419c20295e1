"""Many migrations, as frames."""

import csv
import io

import pandas
import polars
import precopy
import pyarrow
import pytest

VARY = {"link.bandwidth": "1..40 Gbit/s/3 log", "qemu.auto-converge": [True, False]}


def test_every_library_reads_the_same_rows(guest):
    frame = precopy.sweep(guest, VARY)
    assert (len(frame), frame.columns[:5]) == (6, ["point", "repeat", "seed", "link.bandwidth", "qemu.auto-converge"])
    rows = frame.to_dicts()
    assert polars.DataFrame(frame).to_dicts() == frame.to_polars().to_dicts() == rows
    assert pyarrow.table(frame).to_pylist() == frame.to_arrow().to_pylist() == rows
    pandas_frame = frame.to_pandas()
    assert list(pandas_frame["total_time_ms"]) == [row["total_time_ms"] for row in rows]
    assert list(pandas_frame["verdict"]) == [row["verdict"] for row in rows]
    assert pyarrow.schema(frame).field("link.bandwidth").metadata == {b"unit": b"B/s"}


def test_words_are_not_copied(guest):
    frame = precopy.sweep(guest, VARY)
    memory = lambda: [buffer.address for buffer in pyarrow.table(frame)["reason"].chunk(0).buffers() if buffer]  # noqa: E731
    assert memory() == memory()
    word = polars.from_arrow(frame.to_arrow())["reason"]
    assert word.dtype == polars.String
    assert isinstance(frame.to_pandas()["reason"].array._pa_array, pyarrow.ChunkedArray)
    address = frame.to_pandas()["reason"].array._pa_array.chunk(0).buffers()[2].address
    assert address == memory()[-1]


def test_what_is_not_there_is_null(scenarios):
    frame = precopy.sweep(scenarios / "never-converges.toml", {"qemu.max-cpu-throttle": [70, 90]})
    downtimes = frame.to_polars()["downtime_ms"]
    assert downtimes.is_null().to_list() == [True, False]
    assert pandas.isna(frame.to_pandas()["downtime_ms"]).tolist() == [True, False]


def test_threads_and_repeats_change_no_value(guest):
    guest["guest"]["rate-spread"] = {"law": "log-normal", "deviation": "20 %"}
    rows = lambda jobs: precopy.sweep(guest, VARY, repeats=5, jobs=jobs).to_dicts()  # noqa: E731
    assert rows(1) == rows(2) == rows(None)
    repeats = lambda jobs: precopy.repeat(guest, 20, jobs=jobs).to_dicts()  # noqa: E731
    assert repeats(1) == repeats(None)
    assert [row["seed"] for row in repeats(None)] == list(range(1, 21))
    one = precopy.run(guest, seed=7).to_dict()
    assert {key: value for key, value in repeats(None)[6].items() if key != "seed"} == one


def test_designs_and_summaries(guest):
    summary = precopy.sweep(guest, "link.bandwidth=1..40 Gbit/s", points=4, repeats=2, summary=True)
    assert len(summary) == 4
    assert "downtime_ms_median" in summary.columns
    assert summary.to_dicts()[0]["runs"] == 2
    with pytest.raises(precopy.InputError, match="`gird` is no design"):
        precopy.sweep(guest, VARY, design="gird")
    with pytest.raises(precopy.InputError, match="nothing is varied"):
        precopy.sweep(guest)


def test_no_rows_have_columns_all_the_same(guest):
    frame = precopy.repeat(guest, 0)
    assert len(frame) == 0
    assert frame.to_polars().columns[0] == "seed"


def test_rows_are_those_of_the_csv_of_the_command(guest):
    frame = precopy.sweep(guest, VARY)
    text = frame.to_polars().write_csv()
    head = next(csv.reader(io.StringIO(text)))
    assert head == frame.columns
