//! A Parquet file has the cells of the CSV file, with their types; a build without it says how to get it.

mod bench;

use bench::Bench;

const GUEST: &str = r#"
[guest]
memory = "1 GiB"

[link]
bandwidth = "1 Gbit/s"

[qemu]
version = "8.2"

[sweep]
"qemu.version" = ["2.10", "8.2"]
"qemu.cpu-throttle-initial" = [20, 50]
"qemu.max-cpu-throttle" = [30, 99]
"link.bandwidth" = { from = "1 Gbit/s", to = "10 Gbit/s", steps = 20 }
"#;

#[cfg(not(feature = "parquet"))]
#[test]
fn a_build_without_parquet_says_how_to_get_it() {
    let bench = Bench::new(GUEST);
    let ended = bench.sweep(&["-o", "a.parquet"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("`cargo build --release --features parquet`"), "{}", ended.stderr);
    assert_eq!(std::fs::read_dir(bench.path("")).unwrap().count(), 1, "nothing was written");
}

#[cfg(feature = "parquet")]
#[test]
fn a_parquet_file_has_the_cells_of_the_csv_file() {
    use std::fs::File;

    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    let bench = Bench::new(GUEST);
    let guest = GUEST.replace("[\"2.10\", \"8.2\"]", "[\"4.0\", \"8.2\"]");
    std::fs::write(bench.path("guest.toml"), guest).unwrap();
    assert_eq!(bench.sweep(&["-o", "a.csv"]).code, 0);
    let ended = bench.sweep(&["-o", "a.parquet"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(!bench.path("a.parquet.part").exists() && bench.path("a.parquet.sweep.json").exists());

    let text = bench.read("a.csv");
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let names = csv.headers().unwrap().clone();
    let reader = SerializedFileReader::new(File::open(bench.path("a.parquet")).unwrap()).unwrap();
    let mut rows = reader.get_row_iter(None).unwrap();
    let (mut empty, mut count) = (0, 0);
    for record in csv.records() {
        let (record, row) = (record.unwrap(), rows.next().unwrap().unwrap());
        count += 1;
        for ((name, field), (cell, expected)) in row.get_column_iter().zip(record.iter().zip(&names)) {
            assert_eq!(name, expected);
            match field {
                Field::Null => {
                    empty += 1;
                    assert_eq!(cell, "", "{name}");
                }
                Field::Str(words) => {
                    assert_eq!(words, cell);
                    assert!(!words.is_empty(), "{name}: an empty cell is none");
                }
                Field::ULong(number) => assert_eq!(number.to_string(), cell, "{name}"),
                Field::Double(number) => assert_eq!(Ok(*number), cell.parse(), "{name}"),
                other => panic!("{name} is {other:?}"),
            }
        }
    }
    // XBZRLE's four figures are none in every row, and those of a migration in the rows that are refused.
    assert!(rows.next().is_none() && count == 160 && empty > 160 * 4, "{count} rows, {empty} empty cells");

    // Parts in CSV make the same file.
    for shard in ["1/2", "2/2"] {
        assert_eq!(bench.sweep(&["--shard", shard, "-o", &format!("{}.csv", &shard[..1])]).code, 0);
    }
    let merged = bench.precopy(&["sweep", "--merge", "1.csv", "2.csv", "-o", "merged.parquet"]);
    assert_eq!(merged.code, 0, "{}", merged.stderr);
    let bytes = |name: &str| std::fs::read(bench.path(name)).unwrap();
    assert!(bytes("merged.parquet") == bytes("a.parquet"));
}
