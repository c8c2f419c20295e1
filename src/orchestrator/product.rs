//! A product above QEMU.

use super::option::{OptionMisfit, OptionValue, ProductOption, ProductOptions};
use super::{Check, PRODUCTS, Policy, Stack};
use crate::units::{Bytes, Rate};

/// What a product must know of the migration.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around {
    /// The guest's memory.
    pub memory: Bytes,
    /// The link at the start.
    pub link: Rate,
}

impl Around {
    /// A guest of that size, over a link of no speed.
    pub fn of(memory: Bytes) -> Around {
        Around { memory, ..Around::default() }
    }
}

/// What a product does with its options. A product that is added is one file with this trait, and its line in
/// [`PRODUCTS`].
pub trait Orchestrator: ProductOptions {
    /// Its name, as `orchestrator.kind` spells it.
    const KIND: &'static str;
    /// Whether its users set options of QEMU beside it, as those of virsh do; else it sets QEMU up itself.
    const LEAVES_QEMU: bool = false;
    /// Options that may differ from guest to guest; none by default, as where they stand in one file for a host. `None`: all.
    const PER_GUEST: Option<&'static [&'static str]> = Some(&[]);
    /// What its options say together.
    const CHECKS: &'static [Check<Self>] = &[];

    /// Its release, of a product whose releases differ in their options.
    fn release(&self) -> Option<u32> {
        None
    }

    /// What it switches on when it starts a migration.
    fn stack(&self, around: &Around) -> Stack;

    /// What it does while the migration runs.
    fn policy(&self, around: &Around) -> Policy;
}

/// A product as somebody ships it: with defaults of its own, the rules and the options being the product's.
pub trait Distribution {
    /// The product.
    type Of: Orchestrator;
    /// Its name, as `orchestrator.kind` spells it.
    const NAME: &'static str;

    /// Every option at its default.
    fn defaults() -> Self::Of {
        Self::Of::default()
    }
}

impl<P: Orchestrator> Distribution for P {
    type Of = P;
    const NAME: &'static str = P::KIND;
}

/// A product, whatever its settings.
pub struct Product {
    /// Its name, as `orchestrator.kind` spells it.
    pub kind: &'static str,
    /// The product whose rules and options it has; itself, unless it is a [`Distribution`] of another one.
    pub base: &'static str,
    /// Whether its users set options of QEMU beside it.
    pub leaves_qemu: bool,
    /// Options that may differ from guest to guest; `None`: all.
    pub per_guest: Option<&'static [&'static str]>,
    /// Its options, and the value of each by default.
    pub options: fn() -> Vec<(&'static ProductOption, OptionValue)>,
    /// The product with a value for each option; `None` leaves it at its default.
    pub set_up: fn(Vec<Option<OptionValue>>, &Around) -> SetUp,
}

/// A product whose options are set.
#[derive(Clone, Debug)]
pub struct SetUp {
    /// What it does.
    pub policy: Policy,
    /// What it switches on.
    pub stack: Stack,
    /// What is wrong with options, where they are set.
    pub misfits: Vec<(&'static str, OptionMisfit)>,
}

impl Product {
    /// The product of these settings.
    pub(super) const fn of<D: Distribution>() -> Product {
        Product {
            kind: D::NAME,
            base: <D::Of as Orchestrator>::KIND,
            leaves_qemu: <D::Of as Orchestrator>::LEAVES_QEMU,
            per_guest: <D::Of as Orchestrator>::PER_GUEST,
            options: options::<D>,
            set_up: set_up::<D>,
        }
    }

    /// The product of that name.
    pub fn find(kind: &str) -> Option<&'static Product> {
        PRODUCTS.iter().find(|product| product.kind == kind)
    }

    /// Whether an option may differ from guest to guest.
    pub fn is_per_guest(&self, key: &str) -> bool {
        self.per_guest.is_none_or(|keys| keys.contains(&key))
    }

    /// Whether it has an option of that key.
    pub fn has_option(&self, key: &str) -> bool {
        (self.options)().iter().any(|(option, _)| option.key == key)
    }

    /// The option of that key, of the first product that has one. Products that share a key count the same in it.
    pub fn option(key: &str) -> Option<&'static ProductOption> {
        PRODUCTS
            .iter()
            .flat_map(|product| (product.options)())
            .map(|(option, _)| option)
            .find(|option| option.key == key)
    }
}

fn options<D: Distribution>() -> Vec<(&'static ProductOption, OptionValue)> {
    let product = D::defaults();
    D::Of::ROWS.iter().map(|row| (&row.option, (row.get)(&product))).collect()
}

fn set_up<D: Distribution>(values: Vec<Option<OptionValue>>, around: &Around) -> SetUp {
    let mut product = D::defaults();
    for (row, value) in D::Of::ROWS.iter().zip(values) {
        if let Some(value) = value {
            (row.set)(&mut product, value);
        }
    }
    let release = product.release();
    let other = D::Of::ROWS.iter().filter_map(|row| {
        let ProductOption { key, releases, .. } = &row.option;
        let release = release.filter(|release| !releases.contains(release))?;
        Some((*key, OptionMisfit::OtherRelease { release, has: releases.clone() }))
    });
    let broken = D::Of::CHECKS.iter().filter(|check| !(check.holds)(&product));
    let misfits = other.chain(broken.map(|check| (check.key, check.misfit.clone()))).collect();
    let policy = Policy { name: D::NAME, ..product.policy(around) };
    SetUp { policy, stack: product.stack(around), misfits }
}

#[cfg(test)]
mod tests {
    use super::super::OptionForm;
    use super::*;

    #[test]
    fn every_option_holds_what_its_form_reads() {
        for product in PRODUCTS {
            for (option, value) in (product.options)() {
                let fits = match (&option.form, &value) {
                    (OptionForm::Switch, OptionValue::Switch(_) | OptionValue::Unset)
                    | (
                        OptionForm::Count(..) | OptionForm::CountOrOff(_),
                        OptionValue::Number(_) | OptionValue::Unset,
                    )
                    | (OptionForm::Percent(_), OptionValue::Number(_) | OptionValue::Unset)
                    | (OptionForm::Release(_), OptionValue::Number(_))
                    | (OptionForm::Whole(..) | OptionForm::Time(_), OptionValue::Time(_))
                    | (OptionForm::Factor(_), OptionValue::Factor(_))
                    | (OptionForm::Size, OptionValue::Size(_) | OptionValue::Unset)
                    | (OptionForm::Rate, OptionValue::Rate(_))
                    | (OptionForm::Schedule, OptionValue::Unset) => true,
                    (OptionForm::Words(words), OptionValue::Word(word)) => words.contains(word),
                    (OptionForm::Words(_), OptionValue::Unset) => true,
                    _ => false,
                };
                assert!(fits, "{} {}: {value:?}", product.kind, option.key);
            }
        }
    }

    #[test]
    fn products_that_share_a_key_count_the_same_in_it() {
        let options = || PRODUCTS.iter().flat_map(|product| (product.options)());
        for (one, _) in options() {
            for (other, _) in options().filter(|(other, _)| other.key == one.key) {
                let unit = |option: &ProductOption| option.form.unit();
                assert_eq!(unit(one), unit(other), "{}", one.key);
            }
        }
    }
}
