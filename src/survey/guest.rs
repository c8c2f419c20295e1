//! A guest that runs.

use crate::guest::PageSize;
use crate::inventory;
use crate::qemu::Accel;
use crate::sink::xml;
use crate::units::Bytes;

/// What its domain XML says of a guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyedGuest {
    /// Its name.
    pub name: String,
    /// All RAM that it may have.
    pub memory: Bytes,
    /// Its vCPUs.
    pub vcpus: u32,
    /// The host's pages behind its RAM.
    pub page_size: PageSize,
    /// What runs it.
    pub accel: Accel,
}

impl SurveyedGuest {
    /// The guest of a domain XML.
    ///
    /// # Errors
    /// It is none, or says no name or no RAM.
    pub fn of_xml(text: &str) -> Result<SurveyedGuest, String> {
        let found = inventory::read("the domain XML", text, None).ok_or("this is no domain XML")?;
        let found = found.map_err(|unread| unread.why)?;
        let guest = found.guests.into_iter().next().ok_or("this domain XML has no guest")?;
        // By every name of a translator that libvirt has; all other types of domain need hardware.
        let is_translated = text.split_once("<domain").is_some_and(|(_, rest)| {
            let tag = rest.split('>').next().unwrap_or_default();
            tag.contains("type='qemu'") || tag.contains("type=\"qemu\"")
        });
        let is_behind = |size: &PageSize| Some(size.bytes().0) == guest.page_size;
        Ok(SurveyedGuest {
            name: guest.name,
            memory: Bytes(guest.memory),
            vcpus: guest.vcpus.and_then(|vcpus| u32::try_from(vcpus).ok()).unwrap_or(1).max(1),
            page_size: PageSize::ALL.into_iter().find(is_behind).unwrap_or_default(),
            accel: if is_translated { Accel::Tcg } else { Accel::Kvm },
        })
    }

    /// A domain XML that says the same, and nothing else of a guest.
    pub fn xml(&self) -> String {
        let kind = if self.accel == Accel::Tcg { "qemu" } else { "kvm" };
        let (name, memory, vcpus) = (xml::text(&self.name), self.memory.0 / 1024, self.vcpus);
        let backing = match self.page_size {
            PageSize::Small => String::new(),
            size => format!(
                "  <memoryBacking><hugepages><page size='{}' unit='KiB'/></hugepages></memoryBacking>\n",
                size.bytes().0 / 1024
            ),
        };
        format!(
            "<domain type='{kind}'>\n  <name>{name}</name>\n  <memory unit='KiB'>{memory}</memory>\n  \
             <vcpu>{vcpus}</vcpu>\n{backing}</domain>\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_guest_is_read_again() {
        let huge = SurveyedGuest {
            name: "a & <b>".to_owned(),
            memory: Bytes(8 << 30),
            vcpus: 4,
            page_size: PageSize::Huge,
            accel: Accel::Tcg,
        };
        let plain = SurveyedGuest { page_size: PageSize::Small, accel: Accel::Kvm, ..huge.clone() };
        for guest in [huge, plain] {
            assert_eq!(SurveyedGuest::of_xml(&guest.xml()), Ok(guest.clone()), "{}", guest.xml());
        }
        assert!(SurveyedGuest::of_xml("<domain type='kvm'><name>x</name></domain>").unwrap_err().contains("<memory>"));
    }
}
