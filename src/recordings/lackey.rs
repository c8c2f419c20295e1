//! Output of Valgrind's lackey with `--trace-mem=yes`.

use std::io::Read;

use super::Damage;
use super::lines::Lines;
use super::stamped::Stamped;
use crate::guest::{Recording, TooLong};
use crate::units::Operations;

const LINE: &str = "lines are `I  0400d7d4,8`, ` L 04f6b868,8`, ` S 7ff0005c8,8` or ` M 0421c7f0,4`; a last line that is cut off can go";
/// log2 of the bytes of a page.
const PAGE_BITS: u32 = 12;
/// No access is larger [bytes].
const LARGEST: u64 = 1 << 20;

/// Whether a line is one of an instruction or an access.
pub(super) fn is_access(line: &str) -> bool {
    let bytes = line.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    (line.starts_with("I  ") || [" L ", " S ", " M "].iter().any(|kind| line.starts_with(kind))) && digit(3)
}

/// Reads what was written. The clock counts instructions, of which there are so many in a second.
pub(super) fn read<R: Read>(
    lines: &mut Lines<R>,
    instructions: Option<Operations>,
) -> Result<Option<Recording>, Damage> {
    let Some(Operations(a_second)) = instructions.filter(|instructions| instructions.0 > 0.0) else {
        let help = "add `instructions = \"1e9/s\"`: instructions a second that the program executes where it is not watched, as \
                    `perf stat` counts them";
        return Err(Damage::whole("has no clock but the instructions", help));
    };
    let (mut stamped, mut executed) = (Stamped::default(), 0u64);
    stamped.begin(0);
    while let Some((number, line)) = lines.next()? {
        if !is_access(line) {
            continue;
        }
        let (address, size) = access(number, line)?;
        match &line[..2] {
            "I " => executed += 1,
            " S" | " M" => {
                if executed == 0 {
                    let help = "record it anew, and leave the lines of instructions in it: they are the clock";
                    return Err(Damage::line(number, "comes before any instruction", help));
                }
                let at = (executed as f64 / a_second * 1e9).min(1e18) as u64;
                for page in address >> PAGE_BITS..=address.saturating_add(size - 1) >> PAGE_BITS {
                    // Instructions only rise.
                    stamped.write(at, page).map_err(|_| TooLong)?;
                }
            }
            _ => {}
        }
    }
    Ok(stamped.recording()?)
}

/// Address and bytes of a line.
fn access(number: u64, line: &str) -> Result<(u64, u64), Damage> {
    let rest = &line[3..];
    let Some((address, size)) = rest.split_once(',') else {
        return Err(Damage::line(number, "ends before the size of the access", LINE));
    };
    let found = u64::from_str_radix(address, 16)
        .map_err(|_| Damage::part(number, line, address, "has no hexadecimal address", LINE))?;
    match size.trim_end().parse() {
        Ok(size @ 1..=LARGEST) => Ok((found, size)),
        _ => Err(Damage::part(number, line, size, "has no size in bytes", LINE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;

    fn of(text: &str) -> Result<Option<Recording>, Damage> {
        read(&mut Lines::new(text.as_bytes()), Some(Operations(1000.0)))
    }

    #[test]
    fn writes_count_and_instructions_are_the_clock() {
        // The example of Valgrind's own comments on this tool, and a write across two pages.
        let text = "\
==6094== Lackey, an example Valgrind tool
I  0023C790,2
 S BE80199C,4
I  0025747B,3
 L BE801950,4
I  0023C792,1
 M 0025747C,1
I  00254AC7,6
 S BE801FFE,8
";
        let recording = of(text).unwrap().unwrap();
        assert_eq!((recording.writes(), recording.region().0), (4, 3));
        assert_eq!(recording.length(), Span::from_ms(5));
        assert_eq!(recording.distinct(Span::from_ms(1)), [0, 1, 0, 1, 2]);
    }

    #[test]
    fn damage_has_its_place() {
        for (text, line, column, what) in [
            ("I  0023C790,2\n S BE80199C", 2, 0, "ends before the size"),
            ("I  0023C790,2\n S BE8g,4\n", 2, 4, "hexadecimal"),
            ("I  0023C790,2\n S BE80199C,\n", 2, 13, "size in bytes"),
            ("I  0023C790,2\n S BE80199C,0\n", 2, 13, "size in bytes"),
            (" S BE80199C,4\n", 1, 0, "before any instruction"),
        ] {
            let damage = of(text).unwrap_err();
            assert!(damage.what.contains(what), "{damage:?}");
            assert_eq!((damage.line, damage.column), (line, column), "{damage:?}");
        }
        let clock = read(&mut Lines::new(&b"I  1,2\n"[..]), None).unwrap_err();
        assert!(clock.help.contains("instructions"), "{clock:?}");
    }
}
