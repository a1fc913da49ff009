# Of nobody.
class profile {
}
