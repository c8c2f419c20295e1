//! Every kind of chart, drawn from fixed results: what it says, and that it can be read.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use precopy::plot::chart::{Band, Kind, Request};
use precopy::plot::scale::Spread;
use precopy::plot::{Size, picture};
use precopy::results::Filter;

/// Results of three sweeps: 90 points over bandwidth, rate and release; 324 in equal ratios; and 12 of six repeats each.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/results").join(name)
}

/// Name, file and what is drawn of it.
fn cases() -> Vec<(&'static str, &'static str, Request)> {
    let of = |kind: Kind| Request { kind: Some(kind), ..Request::default() };
    let name = |name: &str| Some(name.to_owned());
    let rate = || name("guest.workload.0.rate");
    vec![
        ("unasked", "map.csv", Request::default()),
        (
            "heatmap",
            "map.csv",
            Request { x: rate(), y: name("link.bandwidth"), facet: name("qemu.version"), ..of(Kind::Heatmap) },
        ),
        (
            "heatmap_ratios",
            "ratios.csv",
            Request {
                x: rate(),
                y: name("link.bandwidth"),
                facet: name("qemu.version"),
                y_scale: Spread::Log,
                ..of(Kind::Heatmap)
            },
        ),
        ("heatmap_repeats", "repeats.csv", Request { value: name("guest_slowdown_pct"), ..of(Kind::Heatmap) }),
        (
            "line",
            "map.csv",
            Request {
                x: name("link.bandwidth"),
                y: name("downtime_ms"),
                group: rate(),
                facet: name("qemu.version"),
                ..of(Kind::Line)
            },
        ),
        ("line_repeats", "repeats.csv", of(Kind::Line)),
        (
            "line_names",
            "map.csv",
            Request {
                x: name("qemu.version"),
                y: name("throttled_time_ms"),
                group: rate(),
                facet: name("link.bandwidth"),
                ..of(Kind::Line)
            },
        ),
        ("cdf", "repeats.csv", Request { x: name("total_time_ms"), ..of(Kind::Cdf) }),
        ("frontier", "map.csv", Request { group: name("qemu.version"), ..of(Kind::Frontier) }),
        ("bars", "repeats.csv", of(Kind::Bars)),
        (
            "bars_names",
            "map.csv",
            Request {
                x: name("qemu.version"),
                y: name("downtime_ms"),
                group: rate(),
                facet: name("link.bandwidth"),
                ..of(Kind::Bars)
            },
        ),
        ("timeline", "timeline.csv", Request::default()),
    ]
}

fn draw(name: &str, request: &Request, size: Option<Size>) -> String {
    picture(&[file(name)], &[], request, size).unwrap().svg
}

/// What an SVG says: its texts in order, and how many places say something when pointed at.
fn said(svg: &str) -> String {
    let document = roxmltree::Document::parse(svg).unwrap();
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    let mut lines: Vec<String> = texts.map(|node| node.text().unwrap_or_default().trim().to_owned()).collect();
    let spots: Vec<&str> =
        document.descendants().filter(|node| node.has_tag_name("title")).filter_map(|node| node.text()).collect();
    lines.push(format!("-- {} spots, the last one:", spots.len()));
    lines.push(spots.last().copied().unwrap_or("none").to_owned());
    lines.join("\n")
}

#[test]
fn a_chart_names_axes_units_ticks_and_series() {
    for (name, file, request) in cases() {
        insta::assert_snapshot!(name, said(&draw(file, &request, None)));
    }
}

#[test]
fn no_run_is_dropped_from_a_picture() {
    let rows = |name: &str| std::fs::read_to_string(file(name)).unwrap().lines().count() - 1;
    let open = |name: &str| std::fs::read_to_string(file(name)).unwrap().matches("not-converged").count();
    assert!(open("map.csv") > 5 && open("repeats.csv") > 2, "the results have runs that did not converge");
    for (name, file, request) in cases() {
        let svg = draw(file, &request, None);
        if open(file) > 0 {
            assert!(svg.contains("not converged"), "{name} does not say that some did not converge");
        }
        // A point of the first sweep is one run; every one of them can be pointed at.
        if file == "map.csv" {
            assert_eq!(svg.matches("<title>").count(), rows(file), "{name}");
        }
    }
}

#[cfg(feature = "png")]
mod texts {
    use super::*;
    use resvg::usvg;

    /// Every text of a picture as its letters fill the page: (left, top, right, bottom) in px.
    fn boxes(svg: &str) -> Vec<(String, [f32; 4])> {
        let mut options = usvg::Options { font_family: "DejaVu Sans".to_owned(), ..usvg::Options::default() };
        let font = include_bytes!("../src/plot/font/DejaVuSans-subset.ttf");
        options.fontdb_mut().load_font_data(font.to_vec());
        options.fontdb_mut().set_sans_serif_family("DejaVu Sans");
        let tree = usvg::Tree::from_str(svg, &options).unwrap();
        let mut found = Vec::new();
        collect(tree.root(), &mut found);
        found
    }

    fn collect(group: &usvg::Group, found: &mut Vec<(String, [f32; 4])>) {
        for node in group.children() {
            match node {
                usvg::Node::Group(group) => collect(group, found),
                usvg::Node::Text(text) => {
                    let letters = text.chunks().iter().map(|chunk| chunk.text()).collect::<String>();
                    let place = text.flattened().abs_bounding_box();
                    found.push((letters, [place.left(), place.top(), place.right(), place.bottom()]));
                }
                _ => {}
            }
        }
    }

    #[test]
    fn a_text_fills_its_place_on_the_page() {
        let found = boxes(&draw("map.csv", &Request::default(), None));
        let (_, [left, top, right, bottom]) = &found[0];
        assert_eq!(found[0].0, "Total time over workload rate and link bandwidth");
        // The title: letters of 16 px at the upper left corner, some 400 px long.
        assert!(*left < 16.0 && *top < 20.0 && *right > 350.0 && *right < 450.0, "{found:?}");
        assert!(bottom - top > 10.0 && bottom - top < 20.0, "{found:?}");
    }

    #[test]
    fn no_text_is_cut_off_or_lies_over_another() {
        let sizes = [None, Some(Size::PAPER), Some(Size::SLIDE), Some("420x900".parse().unwrap())];
        for (name, file, request) in cases() {
            for size in sizes {
                let svg = draw(file, &request, size);
                let found = boxes(&svg);
                assert!(found.len() > 5, "{name}");
                let page =
                    size.unwrap_or(if name == "timeline" { Size { height: 650.0, ..Size::PAGE } } else { Size::PAGE });
                let (width, height) = (page.width as f32, page.height as f32);
                for (at, (text, place)) in found.iter().enumerate() {
                    let [left, top, right, bottom] = *place;
                    let inside = left >= 0.0 && top >= 0.0 && right <= width && bottom <= height;
                    assert!(inside, "{name} at {width}x{height}: `{text}` is cut off: {place:?}");
                    for (other, [l, t, r, b]) in &found[..at] {
                        let apart = right <= *l || *r <= left || bottom <= *t || *b <= top;
                        assert!(apart, "{name} at {width}x{height}: `{text}` lies over `{other}`");
                    }
                }
            }
        }
    }
}

fn precopy(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_precopy")).current_dir(env!("CARGO_MANIFEST_DIR")).args(words).output().unwrap()
}

#[test]
fn what_cannot_be_drawn_ends_with_2_and_a_way_out() {
    let map = "tests/data/results/map.csv";
    for (words, complaint) in [
        (
            &[map, "--x", "link.bandwith"][..],
            "no column `link.bandwith` in the results; did you mean `link.bandwidth`?",
        ),
        (&[map, "--x", "bandwidth"], "no column `bandwidth` in the results; did you mean `link.bandwidth`?"),
        (&[map, "--where", "downtime<=3"], "there is no column `downtime` in the results; did you mean `downtime_ms`?"),
        (&[map, "--where", "downtime_ms"], "write like `verdict=converged`"),
        (&[map, "--where", "verdict=paused"], "no row of the results is left to draw"),
        (&[map, "--y", "verdict", "--kind", "line"], "the column `verdict` has no numbers to draw"),
        (
            &[map, "--kind", "cdf", "--value", "downtime_ms"],
            "a `cdf` has no place for `--value`; it takes --x, --group",
        ),
        (&[map, "--kind", "bars", "--x-scale", "log"], "a `bars` has no place for `--x-scale`"),
        (&[map, "--kind", "timeline"], "what `precopy run --timeline FILE` writes"),
        (&[map, "--kind", "line", "--group", "total_time_ms"], "choose some with `--where`"),
        (
            &[map, "--kind", "frontier", "--value", "downtime_ms"],
            "the frontier of convergence over two keys is in a `heatmap`",
        ),
        (
            &[map, "--kind", "frontier", "--x", "link.bandwidth", "--y", "guest.workload.0.rate"],
            "`link.bandwidth` and `guest.workload.0.rate` were varied; the frontier of convergence over them is in a \
             `heatmap`",
        ),
        (
            &[map, "--kind", "heatmap", "--x", "link.bandwidth", "--y", "downtime_ms"],
            "`--value downtime_ms` draws it in colours, and two figures against each other are a `frontier`",
        ),
        (&[map, "--size", "huge"], "a size is `paper`, `slide`"),
        (&[map, "--size", "89"], "this picture would have 89 x 67"),
        (&[map, "-o", "a.gif"], "ends in `.svg`, `.pdf` or `.png`"),
        (&["none.csv"], "cannot read `none.csv`"),
        (&["Cargo.toml"], "cannot read `Cargo.toml`"),
    ] {
        let output = precopy(&[&["plot"], words].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
        assert!(said.contains(complaint), "{words:?}: {said}");
        assert!(output.stdout.is_empty(), "{words:?}");
    }
}

#[test]
fn only_rows_that_pass_are_drawn() {
    let filters: Vec<Filter> =
        ["qemu.version=9.2", "link.bandwidth>=1250000000"].map(|text| text.parse().unwrap()).into();
    let svg = picture(&[file("map.csv")], &filters, &Request::default(), None).unwrap().svg;
    assert_eq!(svg.matches("<title>").count(), 12, "two links, six rates");
}

#[test]
fn a_summary_is_drawn_by_its_medians_and_refused_points_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("summary.csv");
    let rows = "point,runs,link.bandwidth,converged_pct,not-converged_pct,refused_pct,total_time_ms_median\n\
                0,4,125000000,25,75,0,90000\n1,4,1250000000,100,0,0,8000\n2,4,2500000000,100,0,0,5000\n\
                3,4,3750000000,0,0,100,\n";
    std::fs::write(&summary, rows).unwrap();
    let said = said(&picture(&[summary], &[], &Request::default(), None).unwrap().svg);
    for words in ["total time, median [s]", "points refused and left out: 1", "not converged", "-- 3 spots"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

/// Sixty runs at each of four points, of which 0, 20, 48 and 60 ended, and the same summed up.
fn partly_ended(folder: &Path) -> [PathBuf; 2] {
    let mut runs = "point,repeat,link.bandwidth,verdict,total_time_ms,downtime_ms,guest_slowdown_pct\n".to_owned();
    let mut summary = "point,runs,link.bandwidth,converged_pct,not-converged_pct,downtime_ms_runs,downtime_ms_median,\
                       threshold_bytes_runs,threshold_bytes_median\n"
        .to_owned();
    for (point, (bandwidth, ended)) in [(125, 0), (312, 20), (625, 48), (1250, 60)].into_iter().enumerate() {
        for run in 0..60 {
            let figures = if run < ended { "converged,9000,286,5" } else { "not-converged,3600000,,60" };
            runs += &format!("{point},{run},{bandwidth}000000,{figures}\n");
        }
        let share = 100.0 * f64::from(ended) / 60.0;
        let median = if ended > 0 { "286" } else { "" };
        let lost = 100.0 - share;
        summary += &format!("{point},60,{bandwidth}000000,{share},{lost},{ended},{median},{ended},{median}\n");
    }
    [("runs.csv", runs), ("summary.csv", summary)].map(|(name, text)| {
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        file
    })
}

#[test]
fn a_figure_of_some_runs_says_of_how_many_and_looks_different() {
    let folder = tempfile::tempdir().unwrap();
    let [runs, summary] = partly_ended(folder.path());
    let of = |kind, y: &str| Request { kind: Some(kind), y: Some(y.to_owned()), ..Request::default() };
    for (file, request, form, counts, spots) in [
        (&runs, of(Kind::Line, "downtime_ms"), "median, band from 5 % to 95 % ", "20 to 60", 6),
        (&summary, of(Kind::Line, "downtime_ms_median"), "", "20 to 60", 6),
        (&summary, of(Kind::Line, "threshold_bytes_median"), "", "20 to 60", 6),
        // A bar stands for most of its runs.
        (&runs, of(Kind::Bars, "downtime_ms"), "median, whiskers from 5 % to 95 % ", "48 to 60", 4),
        (&summary, of(Kind::Bars, "downtime_ms_median"), "", "48 to 60", 4),
        (&runs, of(Kind::Frontier, "downtime_ms"), "median ", "48 to 60", 4),
    ] {
        let said = said(&picture(std::slice::from_ref(file), &[], &request, None).unwrap().svg);
        let subtitle = format!("\n{form}over the runs that ended, {counts} of 60 repeats\n");
        for words in [&*subtitle, "\nnot converged\n", "\nsome runs not converged\n", &format!("-- {spots} spots")] {
            assert!(said.contains(words), "{request:?}: {words}: {said}");
        }
    }
    // All runs have their total time, if only a bound of it.
    let all = said(&picture(&[runs], &[], &of(Kind::Line, "total_time_ms"), None).unwrap().svg);
    assert!(all.contains("\nmedian, band from 5 % to 95 % over 60 repeats\n"), "{all}");
}

#[test]
fn places_tips_and_subtitles_are_of_the_same_runs() {
    let folder = tempfile::tempdir().unwrap();
    let [runs, summary] = partly_ended(folder.path());
    let drawn =
        |file: &PathBuf, request: &Request| picture(std::slice::from_ref(file), &[], request, None).unwrap().svg;
    let of = |kind| Request { kind: Some(kind), ..Request::default() };
    // Of 60 runs 20 ended: the mark has the slowdown of the others, and no downtime.
    let frontier = drawn(&runs, &of(Kind::Frontier));
    assert!(frontier.contains("slowdown of the guest 60 %\ndowntime –\n20 of 60 runs converged"), "{frontier}");
    // A time that is cut off is a bound, and a summary does not keep it.
    let bars = drawn(&runs, &of(Kind::Bars));
    assert!(bars.contains("total time ≥ 1 h 00 min\n20 of 60 runs converged"), "{bars}");
    let shown = std::fs::read_to_string(&summary).unwrap();
    let lines =
        shown.lines().zip(["guest_slowdown_pct_runs,guest_slowdown_pct_median", "60,60", "60,50", "60,5", "60,5"]);
    let wider: String = lines.map(|(line, more)| format!("{line},{more}\n")).collect();
    std::fs::write(&summary, wider).unwrap();
    let told = said(&drawn(&summary, &of(Kind::Frontier)));
    let subtitle = "downtime, median over the runs that ended, 48 to 60 of 60 repeats; slowdown of the guest, median over all runs";
    assert!(told.contains(subtitle), "{told}");
}

#[test]
fn a_whisker_beyond_the_limit_has_no_upper_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("runs.csv");
    let rows = |policy: &str, cut: usize| -> String {
        let row = |run: usize| match run < cut {
            true => format!("{policy},{run},not-converged,3600000\n"),
            false => format!("{policy},{run},converged,{}\n", 1_800_000 + 10_000 * run),
        };
        (0..20).map(row).collect()
    };
    let strokes = |cut: usize| {
        let text = format!("policy,repeat,verdict,total_time_ms\n{}{}", rows("a", cut), rows("b", 0));
        std::fs::write(&file, text).unwrap();
        let request = Request { kind: Some(Kind::Bars), ..Request::default() };
        let svg = picture(std::slice::from_ref(&file), &[], &request, None).unwrap().svg;
        let lines = svg.lines().filter(|line| line.starts_with("<polyline") && line.contains("stroke=\"#222222\""));
        (lines.count(), svg.contains("to beyond the limit)"))
    };
    // Above each bar a line and its cap, of which the open one has none.
    assert_eq!(strokes(0), (4, false));
    assert_eq!(strokes(4), (3, true));
}

#[test]
fn no_more_series_are_drawn_than_look_different() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("groups.csv");
    let rows = |groups: usize| {
        let row = |n: usize| format!("{},{},converged,{}\n", 1 + n % 3, 10 * (n / 3), 1000 + n);
        let rows: String = (0..3 * groups).map(row).collect();
        std::fs::write(&file, format!("link.bandwidth,guest.workload.0.rate,verdict,total_time_ms\n{rows}")).unwrap();
    };
    let draw = |kind| {
        let (x, group) = ("link.bandwidth".to_owned(), "guest.workload.0.rate".to_owned());
        let request = Request { kind: Some(kind), x: Some(x), group: Some(group), ..Request::default() };
        picture(std::slice::from_ref(&file), &[], &request, None).map(|picture| picture.svg)
    };
    rows(12);
    // Seven bars of a colour would be the first and the seventh, were they not ruled.
    let lines = |svg: &str| svg.matches("<polyline").count();
    let (twelve, six) = (draw(Kind::Bars).unwrap(), {
        rows(6);
        draw(Kind::Bars).unwrap()
    });
    assert!(lines(&twelve) > lines(&six) + 6 * 3 * 5, "{} and {}", lines(&twelve), lines(&six));
    rows(13);
    for kind in [Kind::Bars, Kind::Line] {
        let refused = draw(kind).unwrap_err().to_string();
        assert!(refused.contains("has 13 values, and 12 can be told apart; choose some with `--where`"), "{refused}");
    }
    let timelines: Vec<PathBuf> = (0..13).map(|n| folder.path().join(format!("{n}.csv"))).collect();
    for copy in &timelines {
        std::fs::copy(self::file("timeline.csv"), copy).unwrap();
    }
    assert!(picture(&timelines[..12], &[], &Request::default(), None).is_ok());
    let refused = picture(&timelines, &[], &Request::default(), None).unwrap_err().to_string();
    assert!(refused.contains("13 migrations through time, and 12 can be told apart"), "{refused}");
}

#[test]
fn several_timelines_lie_over_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.csv");
    std::fs::copy(file("timeline.csv"), &other).unwrap();
    let svg = picture(&[file("timeline.csv"), other], &[], &Request::default(), None).unwrap().svg;
    let said = said(&svg);
    for words in ["timeline\n", "other\n", "guest stopped", "parameters set", "dirty rate"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_migration_that_ends_as_it_begins_has_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let (scenario, picture) = (folder.path().join("at-once.toml"), folder.path().join("at-once.svg"));
    let text =
        "[guest]\nmemory = \"1 GiB\"\n[link]\nbandwidth = \"1 Gbit/s\"\n[[at]]\ntime = \"0 s\"\naction = \"abort\"\n";
    std::fs::write(&scenario, text).unwrap();
    let output = precopy(&["run", scenario.to_str().unwrap(), "--plot", picture.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("aborted, 0 s in total"));
    let said = said(&std::fs::read_to_string(picture).unwrap());
    for words in ["aborted, 0 s in total", "remaining RAM [MiB]", "time since the migrate command [ms]"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_distribution_of_values_that_lie_close_fills_its_axis() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("close.csv");
    let rows = (0..20).map(|run| format!("{run},converged,{}\n", 250 + run)).collect::<String>();
    std::fs::write(&file, format!("seed,verdict,downtime_ms\n{rows}")).unwrap();
    let said =
        said(&picture(&[file], &[], &Request { kind: Some(Kind::Cdf), ..Request::default() }, None).unwrap().svg);
    assert!(said.contains("\n255\n") && !said.contains("\n50\n"), "{said}");
}

#[test]
fn a_picture_goes_to_standard_output_as_svg() {
    let output = precopy(&["plot", "tests/data/results/map.csv"]);
    assert_eq!(output.status.code(), Some(0));
    let svg = String::from_utf8(output.stdout).unwrap();
    assert!(svg.starts_with("<svg width=\"900\" height=\"560\""), "{}", &svg[..200]);
    assert_eq!(svg, draw("map.csv", &Request::default(), None), "the command and the library draw the same");
}

/// The height of the head above the highest frame of a panel, as a share of the picture's, and how many frames there are.
fn head(svg: &str, size: Size) -> (f64, usize) {
    let document = roxmltree::Document::parse(svg).unwrap();
    let tops: Vec<f64> = document
        .descendants()
        .filter_map(|node| {
            let points = node.attribute("points")?;
            // A frame: five corners, of which the last is the first.
            let corners: Vec<&str> = points.split_whitespace().collect();
            let is_frame = node.attribute("fill") == Some("none") && corners.len() == 5 && corners[0] == corners[4];
            let (_, y) = corners[0].split_once(',')?;
            is_frame.then(|| y.parse::<f64>().unwrap() / 4.0)
        })
        .collect();
    (tops.iter().copied().fold(f64::INFINITY, f64::min) / size.height, tops.len())
}

#[test]
fn on_paper_a_caption_has_what_a_head_would_say() {
    for (name, file, request) in cases().into_iter().filter(|(name, ..)| *name != "timeline") {
        let sizes = ["paper", "ieee", "acm", "elsevier", "nature", "springer", "lncs", "ieee-wide"];
        for size in sizes.map(|size| size.parse::<Size>().unwrap()) {
            let drawn = picture(&[self::file(file)], &[], &request, Some(size)).unwrap();
            let (head, frames) = head(&drawn.svg, size);
            // Of several panels each has a title.
            let titles = if frames > 1 && name != "heatmap_repeats" { 1.6 * size.text / size.height } else { 0.0 };
            assert!(head <= 0.1 + titles, "{name} at {}x{}: the head has {head}", size.width, size.height);
            assert!(drawn.caption.len() > 10 && !drawn.svg.contains(&drawn.caption), "{name}: {}", drawn.caption);
        }
    }
    let titled = Request { title: Some("Mine".to_owned()), ..Request::default() };
    let drawn = picture(&[file("repeats.csv")], &[], &titled, Some(Size::PAPER)).unwrap();
    assert!(drawn.svg.contains("Mine") && !drawn.caption.contains("Mine"), "{}", drawn.caption);
}

/// Rates and links with 12 repeats, whose downtimes lie over each other, and a point that was refused.
fn crowded(folder: &Path) -> PathBuf {
    let mut rows = "point,repeat,link.bandwidth,guest.workload.0.rate,verdict,total_time_ms,downtime_ms\n".to_owned();
    for point in 0..48 {
        for repeat in 0..12 {
            let (link, rate) = (1 << (point % 4), 1 << (point / 4));
            let (total, downtime) = (1000 * rate / link + 10 * repeat, 300 + 5 * repeat);
            rows += &format!("{point},{repeat},{link}00000000,{rate}000,converged,{total},{downtime}\n");
        }
    }
    for repeat in 0..12 {
        rows += &format!("48,{repeat},0,1000,refused,,\n");
    }
    let file = folder.join("crowded.csv");
    std::fs::write(&file, rows).unwrap();
    file
}

#[test]
fn four_bands_over_each_other_have_a_panel_each() {
    let folder = tempfile::tempdir().unwrap();
    let file = crowded(folder.path());
    let of = |y: &str, band: Option<Band>| {
        let (y, group) = (Some(y.to_owned()), Some("link.bandwidth".to_owned()));
        let request = Request { kind: Some(Kind::Line), y, group, band, ..Request::default() };
        said(&picture(std::slice::from_ref(&file), &[], &request, None).unwrap().svg)
    };
    let crowd = of("downtime_ms", None);
    assert!(crowd.contains("link bandwidth 800 Mbit/s") || crowd.contains("link bandwidth 6.4 Gbit/s"), "{crowd}");
    assert!(!of("downtime_ms", Some(Band::Nothing)).contains("link bandwidth 6.4 Gbit/s"));
    let mean = of("downtime_ms", Some(Band::Confidence));
    assert!(mean.contains("mean, band of its 95 % confidence interval over 12 repeats"), "{mean}");
    for words in ["points refused and left out: 1\n", "median, band from 5 % to 95 % over 12 repeats"] {
        assert!(crowd.contains(words), "{words}: {crowd}");
    }
    let apart = of("total_time_ms", None);
    assert!(apart.contains("\nlink bandwidth\n"), "bands that are apart share a panel: {apart}");
}

#[test]
fn a_summary_has_the_bands_that_it_states() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("summary.csv");
    let mut rows = "point,runs,link.bandwidth,converged_pct,not-converged_pct,downtime_ms_runs,downtime_ms_median,\
                    downtime_ms_p5,downtime_ms_p95,downtime_ms_mean,downtime_ms_ci95\n"
        .to_owned();
    for point in 0..6 {
        rows += &format!("{point},30,{}00000000,100,0,30,300,{},450,310,7\n", point + 1, 200 + point);
    }
    std::fs::write(&file, rows).unwrap();
    let of = |y: Option<&str>, band| {
        let request = Request { kind: Some(Kind::Line), y: y.map(str::to_owned), band, ..Request::default() };
        said(&picture(std::slice::from_ref(&file), &[], &request, None).unwrap().svg)
    };
    for (y, band, words) in [
        (Some("downtime_ms"), None, ["band from 5 % to 95 % over 30 repeats", "300 ms (205 ms to 450 ms)"]),
        (Some("downtime_ms_median"), None, ["band from 5 % to 95 % over 30 repeats", "300 ms (205 ms to 450 ms)"]),
        (
            Some("downtime_ms"),
            Some(Band::Confidence),
            ["band of the 95 % confidence interval of the mean over 30 repeats", "310 ms (303 ms to 317 ms)"],
        ),
        (Some("downtime_ms"), Some(Band::Nothing), ["over 30 repeats", "downtime, median 300 ms"]),
    ] {
        let said = of(y, band);
        for words in words {
            assert!(said.contains(words), "{band:?}: {words}: {said}");
        }
    }
}

#[test]
fn few_rows_of_a_map_are_lines_and_bars_that_differ_much_are_points() {
    let folder = tempfile::tempdir().unwrap();
    let file = crowded(folder.path());
    let unasked = picture(std::slice::from_ref(&file), &[], &Request::default(), None).unwrap().svg;
    assert!(said(&unasked).contains("Total time over workload rate\n"), "{}", said(&unasked));
    let bars = |y_scale| {
        let request = Request {
            kind: Some(Kind::Bars),
            x: Some("guest.workload.0.rate".to_owned()),
            y_scale,
            ..Request::default()
        };
        picture(std::slice::from_ref(&file), &[], &request, None).unwrap().svg
    };
    let boxes = |svg: &str| svg.matches("<rect").count() - svg.matches("class=\"spot\"").count();
    assert!(boxes(&bars(Spread::Auto)) < 10 && boxes(&bars(Spread::Linear)) > 48);
}

/// Whether Python reads a script; nothing without one on this machine.
fn is_python(script: &str) -> Option<bool> {
    use std::io::Write as _;
    let check = ["-c", "import ast, sys; ast.parse(sys.stdin.read())"];
    let mut child = Command::new("python3").args(check).stdin(std::process::Stdio::piped()).spawn().ok()?;
    child.stdin.take()?.write_all(script.as_bytes()).ok()?;
    Some(child.wait().ok()?.success())
}

#[test]
fn a_script_draws_the_same_with_matplotlib() {
    for (name, file, request) in cases() {
        let script = precopy::plot::script(&[self::file(file)], &[], &request, None, "precopy plot a\nb").unwrap();
        assert!(script.starts_with("# precopy plot a b\nimport sys\n"), "{script}");
        match is_python(&script) {
            Some(is_python) => assert!(is_python, "{name}: {script}"),
            None => eprintln!("SKIPPED: there is no `python3` on this machine"),
        }
        // It has panels, legends and titles of axes as the picture has.
        let said = said(&draw(file, &request, None));
        let open = said.lines().any(|line| line == "not converged");
        assert_eq!(script.contains("label=\"not converged\""), open, "{name}");
        for line in said.lines().filter(|line| line.contains(" [")) {
            assert!(script.contains(line), "{name}: {line}: {script}");
        }
    }
    let words = ["plot", "tests/data/results/map.csv", "--script"];
    let output = precopy(&words);
    assert!(
        String::from_utf8(output.stdout).unwrap().starts_with("# precopy plot tests/data/results/map.csv --script\n")
    );
    let refused = precopy(&[&words[..], &["-o", "map.svg"]].concat());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(2) && said.contains("ends in `.py`, not to `map.svg`"), "{said}");
}

#[cfg(feature = "png")]
#[test]
fn every_chart_is_a_pdf_of_its_size_on_paper() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("line.pdf");
    let words = ["plot", "tests/data/results/repeats.csv", "--size", "89mm", "-o", file.to_str().unwrap()];
    let output = precopy(&words);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("note: caption: "), "{said}");
    let pdf = std::fs::read(&file).unwrap();
    let text = String::from_utf8_lossy(&pdf);
    assert!(text.starts_with("%PDF-1.7") && text.contains("[0 0 252 189]") && !text.contains("Date"), "{}", text.len());
    for (name, file, request) in cases() {
        let encoded = precopy::plot::Format::Pdf.encode(draw(file, &request, Some(Size::PAPER))).unwrap();
        assert!(encoded.lacking.is_empty() && encoded.bytes.len() < 80_000, "{name}: {}", encoded.bytes.len());
    }
}
