# A line of the settings.
function web::line(String $name, $value) >> String {
  "${name}=${value}\n"
}
